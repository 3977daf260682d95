import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';

const test = suite('package contents', { timeout: 60_000 });

interface Packed {
  files: { path: string }[];
}

/** The files that `npm pack` would put into the tarball. */
function packedFiles(): string[] {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const npm = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  assert.is(npm.status, 0, npm.stderr);
  const parsed = JSON.parse(npm.stdout) as Packed[] | Record<string, Packed>;
  const [packed] = Object.values(parsed);
  assert.ok(packed);
  return packed.files.map((file) => file.path);
}

const paths = packedFiles();

test('everything that a compilation from the tarball reads is in it', () => {
  const needed = [
    'binding.gyp',
    'native/sources.txt',
    'native/addon/sources.txt',
    'native/addon/exports.map',
    'native/addon/module.cc',
    'native/include/kvs/status.h',
  ];
  for (const path of needed) assert.ok(paths.includes(path), `${path} is missing`);
});

test('the entry points, their declarations and the texts are in it', () => {
  const names = ['index', 'ingest/index', 'local/index', 'parser/index', 'consumer/index'];
  const entries = names.flatMap((entry) => [`dist/${entry}.js`, `dist/${entry}.d.ts`]);
  for (const path of [...entries, 'dist/cli/main.js', 'LICENSE', 'README.md', 'CHANGELOG.md']) {
    assert.ok(paths.includes(path), `${path} is missing`);
  }
});

test('the page of kvs play is in it', () => {
  const files = ['index.html', 'main.js.br', 'style.css', 'icon.svg', 'players/LICENCES.txt'];
  for (const file of files) assert.ok(paths.includes(`dist/play/page/${file}`), file);
  assert.ok(paths.includes('dist/play/demo.mp4'));
  for (const player of ['hls', 'video', 'shaka', 'dash']) {
    const file = new RegExp(`^dist/play/page/players/${player}[^/]*\\.js\\.br$`);
    assert.is(paths.filter((path) => file.test(path)).length, 1, player);
  }
});

test('nothing that only developers use is in it', () => {
  const allowed =
    /^(dist|native|prebuilds)\/|^docs\/\w+\.md$|^(package\.json|binding\.gyp|LICENSE|README\.md|CHANGELOG\.md)$/;
  const strangers = paths.filter((path) => !allowed.test(path) || /\.tsbuildinfo$/.test(path));
  assert.equal(strangers, []);
});

test('what the declarations tell to read is in it', () => {
  const declarations = paths.filter((path) => path.endsWith('.d.ts'));
  const texts = declarations.map((path) => readFileSync(path, 'utf8'));
  const named = texts.flatMap((text) => text.match(/docs\/[\w-]+\.md/g) ?? []);
  assert.ok(named.length > 0);
  for (const path of named) assert.ok(paths.includes(path), `${path} is missing`);
});

test('neither the demonstration, which needs a clone, nor half a C library is in it', () => {
  assert.equal(
    paths.filter((path) => /^dist\/cli\/demo|cmake/i.test(path)),
    [],
  );
});
