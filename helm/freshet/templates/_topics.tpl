{{/* Topics and who consumes them, equal to libs/contracts/src/topics.ts and to the services; a test compares them. */}}
{{- define "freshet.topics" -}}
freshet.fetch.requested.v1: [fetcher]
freshet.chunk.fetched.v1: [parser]
freshet.batch.parsed.v1: [validator]
freshet.batch.validated.v1: [loader]
freshet.load.commanded.v1: [loader]
freshet.run.events.v1: [coordinator, reporter]
freshet.dead.letter.v1: [coordinator]
{{- end -}}
