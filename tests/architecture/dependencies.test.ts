import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '..', '..');
const IMPORTS =
  /^(?:import|export) (?!type )(?:[^;]*? from )?'([^'.][^']*)';|(?:import|require|require\.resolve)\('([^'.][^']*)'\)/gm;

const workspaces = ['libs', 'services'].flatMap((group) =>
  readdirSync(join(ROOT, group)).map((name) => join(ROOT, group, name)),
);

/** What production code loads: specs, and the helpers of specs, are left out. */
function sources(folder: string): string[] {
  return readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' })
    .filter(
      (path) => path.endsWith('.ts') && !/\.(spec|fixture)\.ts$/.test(path) && !/(^|[\\/])testing[\\/]/.test(path),
    )
    .map((path) => join(folder, 'src', path));
}

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

function imported(folder: string): Set<string> {
  const found = sources(folder).flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(IMPORTS)].map(([, one, other]) => packageOf(one ?? other ?? '')),
  );
  return new Set(found.filter((name) => !name.startsWith('node:') && !builtinModules.includes(name)));
}

describe('package.json', () => {
  // An image of one service is made of what its package and the packages behind it declare.
  it.each(workspaces.map((folder) => [folder.slice(ROOT.length + 1), folder]))(
    'of %s declares what its code imports',
    (_, folder) => {
      const { name, dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
        name: string;
        dependencies?: Record<string, string>;
      };
      const undeclared = [...imported(folder)].filter((each) => each !== name && !(each in dependencies));
      expect(undeclared).toEqual([]);
    },
  );

  it('declares one version of each dependency, everywhere the same', () => {
    const versions = new Map<string, Set<string>>();
    for (const folder of [ROOT, ...workspaces]) {
      const { dependencies = {}, devDependencies = {} } = JSON.parse(
        readFileSync(join(folder, 'package.json'), 'utf8'),
      ) as Record<'dependencies' | 'devDependencies', Record<string, string> | undefined>;
      for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
        versions.set(name, (versions.get(name) ?? new Set()).add(version));
    }
    const several = [...versions].filter(([, found]) => found.size > 1).map(([name, found]) => [name, [...found]]);
    expect(several).toEqual([]);
    for (const [name, [version]] of versions) expect(`${name}@${version}`).toMatch(/@\d+\.\d+\.\d+(-[\w.]+)?$/);
  });
});
