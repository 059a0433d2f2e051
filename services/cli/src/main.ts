import { runProcess } from './process-world';
import { runCli } from './program';

runProcess((world) => runCli(process.argv.slice(2), world));
