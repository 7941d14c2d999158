{
  "version": 1,
  "algorithm": "ed25519",
  "public_key": "VWsGzmoNjgaXwUShRtu28CpJOXKaQwIrb8whCgYor1U",
  "signature": "PhacDNpXcxrciDQjsqPk0lR2QjRi5lZiaXt3CMZRxpYnUEgLbo2qQvTAm-esLxHSlJuKlVbHmIBIVdga6nh1Aw"
}
