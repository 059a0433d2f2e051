import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, describeWithHelm, render } from './helm';

const FOLDER = join(ROOT, 'deploy', 'environments');

describeWithHelm('values of the environments', () => {
  const files = readdirSync(FOLDER);

  it('are those of dev, staging and production', () => {
    expect(files.sort()).toEqual(['dev.yaml', 'production.yaml', 'staging.yaml']);
  });

  it.each(files)('of %s are accepted by the schema of the chart and render all services', (file) => {
    const names = render([join(FOLDER, file)])
      .filter(({ kind }) => kind === 'Deployment')
      .map(({ metadata }) => metadata.name);
    for (const service of ['coordinator', 'fetcher', 'parser', 'validator', 'loader', 'reporter'])
      expect(names).toContain(`freshet-${service}`);
  });

  it('simulate publishers in dev alone', () => {
    const simulated = files.filter((file) =>
      render([join(FOLDER, file)]).some(({ metadata }) => metadata.name === 'freshet-simulators'),
    );
    expect(simulated).toEqual(['dev.yaml']);
  });
});
