import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { KinesisVideoError } from '../../internal/errors.js';
import { packageRoot } from '../../internal/package-root.js';
import { begin } from './answer.js';

/** Where the build puts the page. */
const FOLDER = join(packageRoot(), 'dist/play/page');
const COMPRESSED = '.br';
/** Their names change with their content. */
const PLAYERS = 'players/';
const UNCHANGING = 'private, max-age=31536000, immutable';
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const decompress = promisify(brotliDecompress);

/** The files of the page. Only those that are there when it starts can be had. */
export class Assets {
  readonly #files: ReadonlySet<string>;

  private constructor(files: ReadonlySet<string>) {
    this.#files = files;
  }

  /** Finds the files. Throws KinesisVideoError when the page has not been built. */
  static async open(): Promise<Assets> {
    try {
      const names = await readdir(FOLDER, { recursive: true });
      return new Assets(new Set(names.map((name) => name.replaceAll('\\', '/'))));
    } catch (cause) {
      const advice = 'install the package again or, in a clone, run npm run build';
      throw new KinesisVideoError(
        'STATUS_NOT_FOUND',
        `The files of the page are not in ${FOLDER}: ${advice}.`,
        { advice, cause },
      );
    }
  }

  /** Answers with the file at `path`; false when there is none. */
  async send(path: string, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const type = TYPES[extname(path)];
    if (type === undefined) return false;
    if (this.#files.has(path)) {
      begin(response, 200, { 'content-type': type });
      response.end(await readFile(join(FOLDER, path)));
      return true;
    }
    if (!this.#files.has(path + COMPRESSED)) return false;
    const bytes = await readFile(join(FOLDER, path + COMPRESSED));
    // Some browsers take what is compressed so from servers with TLS only.
    const takesBrotli = /\bbr\b/.test(String(request.headers['accept-encoding']));
    begin(response, 200, {
      'content-type': type,
      vary: 'accept-encoding',
      ...(path.startsWith(PLAYERS) && { 'cache-control': UNCHANGING }),
      ...(takesBrotli && { 'content-encoding': 'br' }),
    });
    response.end(takesBrotli ? bytes : await decompress(bytes));
    return true;
  }
}
