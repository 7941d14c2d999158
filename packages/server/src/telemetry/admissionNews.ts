import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Admission, AdmissionNews } from '../limits/Admission.ts'

/** Counts how simulations are admitted. Labels are lanes and reasons: never an app, a key or an address. */
export function admissionNews(registry: Registry, admission: () => Admission): AdmissionNews {
  const registers = [registry]
  const waits = new Histogram({
    name: 'countersign_simulation_wait_seconds',
    help: 'Time that a simulation waited for its turn, by lane ("apart": those that are far longer than others).',
    labelNames: ['lane'],
    buckets: [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  })
  const refused = new Counter({
    name: 'countersign_simulations_refused_total',
    help: 'Simulations that were refused with 503, by what was full ("member": a key or address; "app"; "process"), or "time": it waited too long.',
    labelNames: ['why'],
    registers,
  })
  const waiting: Gauge = new Gauge({
    name: 'countersign_simulations_waiting',
    help: 'Simulations that wait for their turn in this process.',
    registers,
    collect: () => waiting.set(admission().counts.waiting),
  })
  const running: Gauge = new Gauge({
    name: 'countersign_simulations_running',
    help: 'Simulations that run in this process, by lane.',
    labelNames: ['lane'],
    registers,
    collect() {
      for (const [lane, n] of Object.entries(admission().counts.running)) running.set({ lane }, n)
    },
  })
  return {
    began: (lane, waitedMs) => waits.observe({ lane }, waitedMs / 1_000),
    refused: (why) => refused.inc({ why }),
  }
}
