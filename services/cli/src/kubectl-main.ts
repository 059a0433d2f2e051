import { runPlugin } from './kubectl/plugin';
import { runProcess } from './process-world';

runProcess((world) => runPlugin(process.argv.slice(2), world));
