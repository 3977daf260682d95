/**
 * Builds the page of `kvs play` into dist/play/page/.
 *
 *   bundle-page.mjs
 *
 * Programs are compressed. Players are files of their own, which the page loads when they are chosen.
 * Their names change with their content, so what is there from an earlier build is not compressed again.
 */
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import { build } from 'esbuild';
import { licencesOf } from './lib/licences.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const source = join(root, 'ts/play/page');
const target = join(root, 'dist/play/page');
const players = join(target, 'players');

function compress(contents) {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN, BROTLI_PARAM_SIZE_HINT } = constants;
  const params = {
    [BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [BROTLI_PARAM_SIZE_HINT]: contents.length,
  };
  return brotliCompressSync(contents, { params });
}

const { outputFiles, metafile } = await build({
  absWorkingDir: root,
  entryPoints: ['ts/play/page/main.ts'],
  outdir: target,
  write: false,
  metafile: true,
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  platform: 'browser',
  target: ['chrome115', 'firefox115', 'safari16.4'],
  // Without what is for protected media, which the service has none of.
  alias: { dashjs: './node_modules/dashjs/dist/modern/esm/dash.mediaplayer.min.js' },
  chunkNames: 'players/[name]-[hash]',
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
});
mkdirSync(players, { recursive: true });
for (const name of ['index.html', 'style.css', 'icon.svg']) {
  copyFileSync(join(source, name), join(target, name));
}
copyFileSync(join(root, 'test/fixtures/demo.mp4'), join(target, '../demo.mp4'));
const known = new Set(readdirSync(players));
for (const { path, contents } of outputFiles) {
  const name = `${basename(path)}.br`;
  if (basename(path) === 'main.js') writeFileSync(join(target, name), compress(contents));
  else if (!known.delete(name)) writeFileSync(join(players, name), compress(contents));
}
known.delete('LICENCES.txt');
// Those of an earlier build.
for (const name of known) rmSync(join(players, name));
writeFileSync(join(players, 'LICENCES.txt'), licencesOf(Object.keys(metafile.inputs), root));
