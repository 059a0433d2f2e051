export { removePartFiles } from './part-file';
export { PickleWriter } from './pickle-writer';
export { writePickle, type PickleTable } from './write-pickle';
