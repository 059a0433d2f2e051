export { EXIT, type ExitCode } from './exit';
export { runCli } from './program';
export type { Output, World } from './world';
