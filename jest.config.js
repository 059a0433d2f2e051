// Nest 12 is published as ES modules only, which Jest on Node 20 cannot `require`; swc turns them (and us) into CommonJS.
const swc = [
  '@swc/jest',
  {
    jsc: {
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
      target: 'es2022',
      keepClassNames: true,
    },
    module: { type: 'commonjs' },
    sourceMaps: 'inline',
  },
];

// Besides: the OTLP exporter imports `http` when it is first used, which Jest's modules cannot do unless it becomes a `require`.
const esmOnly = [
  '@opentelemetry/otlp-exporter-base',
  '@nestjs',
  'file-type',
  'load-esm',
  'strtok3',
  'token-types',
  'uint8array-extras',
  '@tokenizer',
  '@borewit',
  'uid',
  'iterare',
  'commander',
  'croner',
  'hyparquet',
  'hyparquet-writer',
];

const shared = {
  rootDir: __dirname,
  testEnvironment: 'node',
  moduleFileExtensions: ['ts', 'js', 'json'],
  transform: { '^.+\\.(ts|js|mjs)$': swc },
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly.join('|')})/)`],
  moduleNameMapper: {
    '^@freshet/([^/]+)-service$': '<rootDir>/services/$1/src',
    '^@freshet/testing/(.+)$': '<rootDir>/libs/testing/src/$1',
    '^@freshet/runtime/(config|process)$': '<rootDir>/libs/runtime/src/$1',
    '^@freshet/([^/]+)$': '<rootDir>/libs/$1/src',
  },
  modulePathIgnorePatterns: ['<rootDir>/.*/dist/', '<rootDir>/.nx/', '<rootDir>/tmp/'],
};

module.exports = {
  projects: [
    { ...shared, displayName: 'unit', testRegex: '(libs|services)/.*\\.spec\\.ts$' },
    { ...shared, displayName: 'integration', testRegex: 'tests/(architecture|chart|integration)/.*\\.test\\.ts$' },
    { ...shared, displayName: 'e2e', testRegex: 'tests/(e2e|faults)/.*\\.test\\.ts$' },
  ],
};
