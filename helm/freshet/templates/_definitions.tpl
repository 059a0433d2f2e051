{{/*
Definitions of datasets, as YAML of file name to text: the built-in ones, with those of the values added. One of the values replaces the
built-in one with the same id, because a folder must not define an id twice.
*/}}
{{- define "freshet.definitions" -}}
{{- $files := dict -}}
{{- $own := dict -}}
{{- range $name, $text := .Values.datasets.extra -}}
{{- $definition := fromYaml $text -}}
{{- if hasKey $definition "Error" -}}{{- fail (printf "datasets.extra, %s: %s" $name $definition.Error) -}}{{- end -}}
{{- if not $definition.id -}}{{- fail (printf "datasets.extra, %s: has no id" $name) -}}{{- end -}}
{{- $_ := set $own $definition.id $name -}}
{{- $_ := set $files $name (include "freshet.simulated" (dict "root" $ "name" $name "text" $text)) -}}
{{- end -}}
{{- range $path, $_ := .Files.Glob "files/datasets/*.yaml" -}}
{{- $text := $.Files.Get $path -}}
{{- $name := base $path -}}
{{- if not (hasKey $own (fromYaml $text).id) -}}
{{- if hasKey $files $name -}}{{- fail (printf "datasets.extra, %s: is the name of a built-in definition of another dataset; choose another file name" $name) -}}{{- end -}}
{{- $_ := set $files $name (include "freshet.simulated" (dict "root" $ "name" $name "text" $text)) -}}
{{- end -}}
{{- end -}}
{{- $bytes := 0 -}}
{{- range $text := values $files -}}{{- $bytes = add $bytes (len $text) -}}{{- end -}}
{{- if gt (int $bytes) 1000000 -}}{{- fail (printf "the definitions of datasets have %d bytes together, and a ConfigMap takes 1 MiB: shorten datasets.extra" $bytes) -}}{{- end -}}
{{- toYaml $files -}}
{{- end -}}

{{/* A definition's text, with the addresses of publishers replaced by those of the simulators where these are enabled. */}}
{{- define "freshet.simulated" -}}
{{- $text := .text -}}
{{- if .root.Values.simulators.enabled -}}
{{- $host := printf "%s-simulators" (include "freshet.fullname" .root) -}}
{{- range $site, $port := dict "https://www.data.bsee.gov" 8081 "https://api.eia.gov" 8082 -}}
{{- $text = replace $site (printf "http://%s:%d" $host $port) $text -}}
{{- end -}}
{{- if ne $text .text -}}
{{- if regexMatch "(?m)^allowPrivateHosts:" $text -}}{{- fail (printf "%s: cannot be simulated, because it has allowPrivateHosts" .name) -}}{{- end -}}
{{- $text = printf "%s\nallowPrivateHosts: [%s]\n" (trimSuffix "\n" $text) $host -}}
{{- end -}}
{{- end -}}
{{- $text -}}
{{- end -}}
