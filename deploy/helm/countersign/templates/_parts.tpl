{{/* Every name begins with the release's, but for a release that is named countersign. */}}
{{- define "countersign.name" -}}
{{- if eq .Release.Name "countersign" }}countersign{{ else }}{{ printf "%s-countersign" .Release.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "countersign.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* What would start and could not work is refused while it is rendered. */}}
{{- define "countersign.check" -}}
{{- if and (gt (int .Values.replicas) 1) (not .Values.postgres) }}
{{- fail "replicas is more than 1: set postgres to true, with DATABASE_URL and COUNTERSIGN_MASTER_KEY in the Secret. SQLite's locks reach as far as one machine." }}
{{- end }}
{{- if and (gt (int .Values.workers.replicas) 0) (not .Values.postgres) }}
{{- fail "workers need a database that they share with the servers: set postgres to true." }}
{{- end }}
{{- range $name, $_ := .Values.settings }}
{{- if or (regexMatch "(SECRET|_KEY|TOKEN|PEPPER|_PASSWORD)$" $name) (regexMatch "^(DATABASE_URL|REDIS_URL|COUNTERSIGN_RPC_)" $name) }}
{{- fail (printf "%s is a secret: put it into the Secret that `secret` names, not into settings." $name) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "countersign.pod-security" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "countersign.container-security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{- define "countersign.server" -}}
- name: countersign
  image: {{ include "countersign.image" . | quote }}
  ports:
    - { name: http, containerPort: 8080 }
  envFrom:
    - secretRef: { name: {{ .Values.secret | quote }} }
  env:
    - { name: COUNTERSIGN_TRUSTED_PROXY_HOPS, value: {{ .Values.trustedProxyHops | toString | quote }} }
    - { name: COUNTERSIGN_PUBLIC_ORIGIN, value: {{ .Values.publicOrigin | quote }} }
    {{- range $name, $value := .Values.settings }}
    - { name: {{ $name | quote }}, value: {{ $value | toString | quote }} }
    {{- end }}
  securityContext:
    {{- include "countersign.container-security" . | nindent 4 }}
  startupProbe:
    httpGet: { path: /ready, port: http }
    periodSeconds: 2
    failureThreshold: 60
  readinessProbe:
    httpGet: { path: /ready, port: http }
    periodSeconds: 2
  livenessProbe:
    httpGet: { path: /health, port: http }
    periodSeconds: 10
    failureThreshold: 6
  resources: {{ .Values.resources | toJson }}
  volumeMounts:
    - { name: data, mountPath: /data }
    - { name: tmp, mountPath: /tmp }
{{- end }}
