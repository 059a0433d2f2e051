export { credentialMissing, refusalOf, unexpected, type AnswerFacts } from '@freshet/publisher';
