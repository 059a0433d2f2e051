{{/*
Every schedule of every dataset, as YAML: a list of { cronjob, dataset, kind, schedule, delaySeconds, timeZone, deadlineSeconds, suspended }.
`kind` is `refresh`, or `health` for the checks of a time series.
*/}}
{{- define "freshet.schedules" -}}
{{- $all := list -}}
{{- range $name, $text := fromYaml (include "freshet.definitions" .) -}}
{{- $definition := fromYaml $text -}}
{{- $suspended := include "freshet.suspended" (dict "root" $ "definition" $definition) -}}
{{- $timeseries := default dict $definition.timeseries -}}
{{- range $kind, $schedule := dict "refresh" $definition.schedule "health" $timeseries.health -}}
{{- if $schedule -}}
{{- $crons := ternary (list $schedule.cron) $schedule.cron (kindIs "string" $schedule.cron) -}}
{{- range $index, $cron := $crons -}}
{{- $fields := regexSplit "\\s+" (trim $cron) -1 -}}
{{- $delay := include "freshet.delayMinutes" (dict "minute" (first $fields) "dataset" $definition.id "limit" $.Values.cronjobs.spreadMinutes) | atoi -}}
{{- if $delay -}}{{- $fields = prepend (rest $fields) (toString (add (atoi (first $fields)) $delay)) -}}{{- end -}}
{{- $entry := dict
  "cronjob" (include "freshet.cronjob.name" (dict "root" $ "dataset" $definition.id "kind" $kind "index" $index))
  "dataset" $definition.id
  "kind" $kind
  "schedule" (join " " $fields)
  "delaySeconds" (mul $delay 60)
  "timeZone" (default "UTC" $schedule.timeZone)
  "deadlineSeconds" (ternary (include "freshet.deadlineSeconds" (dict "root" $ "definition" $definition) | atoi) 900 (eq $kind "refresh"))
  "suspended" $suspended -}}
{{- range $other := $all -}}{{- if eq $other.cronjob $entry.cronjob -}}
{{- fail (printf "the datasets %s and %s give their CronJobs the same name, %s: rename one of them" $other.dataset $entry.dataset $entry.cronjob) -}}
{{- end -}}{{- end -}}
{{- $all = append $all $entry -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toYaml (dict "all" $all) -}}
{{- end -}}

{{/* `freshet-bsee-well`: at most 52 characters, because Kubernetes adds 11 for the Job. */}}
{{- define "freshet.cronjob.name" -}}
{{- $name := printf "%s-%s" (include "freshet.fullname" .root) (replace "." "-" .dataset) -}}
{{- if eq .kind "health" -}}{{- $name = printf "%s-health" $name -}}{{- end -}}
{{- if gt (int .index) 0 -}}{{- $name = printf "%s-%d" $name (add1 .index) -}}{{- end -}}
{{- if gt (len $name) 52 -}}{{- $name = printf "%s-%s" (trunc 43 $name | trimSuffix "-") (sha256sum $name | trunc 8) -}}{{- end -}}
{{- $name -}}
{{- end -}}

{{/*
Minutes by which a start is moved: the same for a dataset in every installation and upgrade, and never into the next hour, where the
other fields of the expression would no longer hold. Expressions whose minute is not a plain number stay as they are.
*/}}
{{- define "freshet.delayMinutes" -}}
{{- if regexMatch "^[0-9]{1,2}$" .minute -}}
{{- $room := min (int .limit) (sub 59 (atoi .minute)) -}}
{{- mod (regexReplaceAll "[a-f]" (sha256sum .dataset) "" | trunc 6 | atoi) (add1 $room) -}}
{{- else -}}0{{- end -}}
{{- end -}}

{{/*
What a refresh may take by its own definition: all attempts of a download, each with its longer timeout, and the longest waits between
them; then what comes after the download.
*/}}
{{- define "freshet.deadlineSeconds" -}}
{{- $timeouts := default dict .definition.timeouts -}}
{{- $retry := default dict .definition.retry -}}
{{- $attempts := default 5 $retry.maxAttempts | float64 -}}
{{- $total := include "freshet.seconds" (default "600s" $timeouts.total) | float64 -}}
{{- $growth := hasKey $timeouts "growth" | ternary $timeouts.growth 0.5 | float64 -}}
{{- $downloads := mulf $total (addf $attempts (divf (mulf $growth $attempts (subf $attempts 1)) 2)) -}}
{{- $waits := mulf (subf $attempts 1) (include "freshet.seconds" (default "600s" $retry.maxDelay) | float64) -}}
{{- addf $downloads $waits .root.Values.cronjobs.extraDeadlineSeconds | ceil | int64 -}}
{{- end -}}

{{/* `600s`, `1.5h` in seconds. */}}
{{- define "freshet.seconds" -}}
{{- $unit := regexFind "(ms|s|m|h|d)$" . -}}
{{- $each := get (dict "ms" 0.001 "s" 1 "m" 60 "h" 3600 "d" 86400) $unit -}}
{{- mulf (trimSuffix $unit . | float64) $each -}}
{{- end -}}

{{/* Why the CronJobs of a dataset are suspended; empty where they are not. */}}
{{- define "freshet.suspended" -}}
{{- $values := .root.Values -}}
{{- $credential := default dict .definition.credential -}}
{{- if has .definition.id $values.datasets.suspended -}}
named in datasets.suspended
{{- else if and $credential.variable (ne (toString $credential.required) "false") (not (hasKey $values.datasets.credentials $credential.variable)) -}}
{{ $credential.variable }} is not in datasets.credentials
{{- end -}}
{{- end -}}
