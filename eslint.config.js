import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/**
 * The parts of ts/ that each part may import besides itself and internal/. Dependencies point
 * downwards: a part that is not listed here may be imported by the command line only.
 */
const allowed = {
  internal: [],
  codec: [],
  parser: [],
  logging: [],
  network: ['logging'],
  credentials: ['network', 'logging'],
  service: ['credentials', 'network', 'logging'],
  producer: ['service', 'credentials', 'network', 'logging'],
  consumer: ['service', 'credentials', 'network', 'logging', 'parser'],
  ingest: ['producer', 'parser', 'codec'],
  mux: ['parser', 'codec'],
  local: ['parser', 'codec', 'mux'],
  play: ['consumer', 'service', 'credentials', 'network', 'logging', 'parser', 'codec', 'mux'],
  edge: ['producer', 'service', 'credentials', 'network', 'logging', 'ingest', 'parser'],
};

/** Forbids imports of the parts of ts/ that `area` may not use. */
function layer(area) {
  const permitted = [area, 'internal', ...allowed[area]];
  const forbidden = [...Object.keys(allowed), 'cli'].filter((part) => !permitted.includes(part));
  return {
    files: [`ts/${area}/**/*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: `^(\\.\\./)+(${forbidden.join('|')})/`,
              message: `ts/${area} may import only from: ${permitted.join(', ')}.`,
            },
          ],
        },
      ],
    },
  };
}

const TIMERS = ['clearInterval', 'clearTimeout', 'setInterval', 'setTimeout'];

/** Names that the runtime provides. */
function readonly(...names) {
  return Object.fromEntries(names.map((name) => [name, 'readonly']));
}

export default tseslint.config(
  {
    ignores: [
      'build/',
      'build-*/',
      'coverage/',
      'dist/',
      'bench/node_modules/',
      'test/package/project/',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // An interface may ask for a promise where one implementation has nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': ['error', { max: 100, skipBlankLines: true }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
      ],
    },
  },
  {
    files: ['ts/**/*.ts'],
    rules: {
      'no-console': 'error',
    },
  },
  ...Object.keys(allowed).map(layer),
  {
    files: ['**/*.js', '**/*.mjs', '**/*.cjs'],
    languageOptions: { globals: readonly('console', 'process', 'URL') },
  },
  {
    files: ['examples/**'],
    languageOptions: { globals: readonly('AbortController', 'Response', ...TIMERS) },
  },
  {
    files: ['examples/electron-kiosk/{renderer,preload}/**'],
    languageOptions: {
      globals: readonly(
        'document',
        'navigator',
        'performance',
        'window',
        'AudioEncoder',
        'MediaStreamTrackProcessor',
        'VideoEncoder',
      ),
    },
  },
  {
    files: ['bench/**/*.mjs'],
    languageOptions: {
      globals: {
        Buffer: 'readonly',
        performance: 'readonly',
        setImmediate: 'readonly',
        globalThis: 'readonly',
      },
    },
  },
);
