import tseslint from 'typescript-eslint';

/** What each lib may import besides itself (design, section 5). What is not listed is an error. */
const directions = {
  domain: [],
  contracts: ['domain'],
  catalog: ['domain', 'contracts'],
  messaging: ['domain', 'contracts'],
  publisher: ['domain', 'contracts'],
  database: ['domain', 'contracts'],
  runtime: ['domain', 'contracts'],
  client: ['domain', 'contracts'],
  testing: ['domain', 'contracts', 'catalog', 'messaging', 'publisher', 'database', 'runtime', 'client'],
};
/** Parts of a package that may be imported alone, where the whole would bring too much along. */
const subpaths = {
  runtime: ['runtime/config', 'runtime/process'],
  testing: ['testing/postgres', 'testing/publishers', 'testing/processes'],
};
/** Only these services may import others, and simulators: they put them together. */
const composers = ['standalone', 'simulators'];
/** Libraries with one home, so that they can be replaced in one place. */
const homes = {
  kafkajs: ['messaging', 'testing'],
  typeorm: ['database', 'testing'],
  pg: ['database', 'testing'],
  'pg-copy-streams': ['database', 'testing'],
};

const restrict = (files, { allowed, services = false, own, pure = false }) => {
  const homeless = Object.entries(homes)
    .filter(([, where]) => !where.includes(own))
    .map(([name, where]) => ({ name, message: `${name} may be imported by libs/${where.join(' and libs/')} only.` }));
  const patterns = [
    {
      regex: `^@freshet/(?!(${[...allowed, ...allowed.flatMap((lib) => subpaths[lib] ?? []), services ? '[a-z]+-service' : '-'].join('|')})$)`,
      message: 'Dependencies point one way: see "Where things go" in CONTRIBUTING.md.',
    },
    { regex: '^(\\.\\./)+(libs|services|tests)/', message: 'Import another package by its name.' },
  ];
  if (pure) {
    patterns.push({
      regex: '^(?!\\.|@freshet/)',
      message: 'libs/domain is pure: no I/O, no framework, nothing from outside.',
    });
  }
  return {
    files,
    rules: { 'no-restricted-imports': ['error', { paths: homeless, patterns }] },
  };
};

const allLibs = Object.keys(directions);
const noEnvironment = {
  'no-restricted-properties': [
    'error',
    { object: 'process', property: 'env', message: 'Read configuration with readConfig of @freshet/runtime.' },
  ],
};

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.nx/**', 'tmp/**', 'coverage/**'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    rules: {
      ...noEnvironment,
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  ...allLibs.map((lib) =>
    restrict([`libs/${lib}/src/**/*.ts`], { allowed: directions[lib], own: lib, pure: lib === 'domain' }),
  ),
  restrict(['services/*/src/**/*.ts'], { allowed: allLibs.filter((lib) => lib !== 'testing'), own: 'services' }),
  ...composers.map((name) =>
    restrict([`services/${name}/src/**/*.ts`], { allowed: allLibs, services: true, own: 'services' }),
  ),
  {
    // Specs may use what production code may not: fakes and generators.
    files: ['**/*.spec.ts'],
    rules: { 'no-restricted-imports': 'off' },
  },
  {
    files: ['libs/runtime/src/**/*.ts', 'libs/testing/src/**/*.ts', 'tests/**/*.ts', '**/*.spec.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  { files: ['tests/bench/**/*.ts', 'services/cli/src/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['**/*.js', '**/*.mjs'],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
);
