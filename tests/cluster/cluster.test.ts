import { Installation } from './support/installation';
import { standaloneContent, type Content } from './support/reference';
import { healingTests } from './suites/healing';
import { installTests } from './suites/install';
import { memoryTests } from './suites/memory';
import { networkTests } from './suites/network';
import { scalingTests } from './suites/scaling';
import { scheduleTests } from './suites/schedule';
import { shutdownTests } from './suites/shutdown';
import { upgradeTests } from './suites/upgrade';

/** One installation for all suites, in their order: an installation that went through one has to serve the next. */
describe('Freshet on Kubernetes', () => {
  let installation: Installation;
  let vintages: readonly [Content, Content];
  const freshet = (): Installation => installation;

  beforeAll(async () => {
    installation = await Installation.prepare({ namespace: 'freshet-test' });
    await installation.install();
    const first = await standaloneContent(installation.publishers);
    await installation.simulators.publish(1);
    vintages = [first, await standaloneContent(installation.publishers)];
    await installation.simulators.publish(0);
  }, 900_000);
  afterAll(() => (process.env['FRESHET_KEEP'] === 'true' ? undefined : installation?.remove()), 240_000);

  installTests(freshet, () => vintages[0]);
  scheduleTests(freshet);
  networkTests(freshet);
  shutdownTests(freshet, () => vintages);
  healingTests({ freshet, vintages: () => vintages });
  scalingTests(freshet, () => vintages);
  memoryTests(freshet);
  upgradeTests(() => vintages);
});
