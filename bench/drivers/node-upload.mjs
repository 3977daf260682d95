/** A bare upload with Node.js: the least that bytes cost on their way to an endpoint. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { CERTIFICATE } from '../endpoint/certificate.mjs';

/** As much as the producer writes at a time when it is behind. */
const CHUNK = 256 * 1024;

/**
 * @see open of kvs-upload.mjs
 * @param {{ url: string, format: 'frames' | 'plain' }} options - `frames` writes one after the other, as
 *   a program would; `plain` as many bytes in large pieces of one buffer, which is the limit
 */
export async function open(frames, { url, format }) {
  const isSecure = url.startsWith('https:');
  const request = (isSecure ? httpsRequest : httpRequest)(`${url}/plain`, {
    method: 'POST',
    ...(isSecure && { ca: readFileSync(CERTIFICATE) }),
  });
  const responded = once(request, 'response');
  return {
    run: format === 'frames' ? frameWriter(request, frames) : chunkWriter(request, frames),
    async close() {
      request.end();
      const [response] = await responded;
      response.resume();
      await once(response, 'end');
    },
  };
}

function frameWriter(request, frames) {
  let index = 0;
  return async (count) => {
    for (const last = index + count; index < last; index += 1) {
      const { data } = frames[index % frames.length];
      if (!request.write(data)) await once(request, 'drain');
    }
  };
}

function chunkWriter(request, frames) {
  const size = frames[0].data.length;
  const chunk = Buffer.alloc(CHUNK, 0x80);
  const write = (bytes) => new Promise((resolve) => request.write(bytes, resolve));
  return async (count) => {
    for (let left = count * size; left > 0; left -= CHUNK) {
      await write(left < CHUNK ? chunk.subarray(0, left) : chunk);
    }
  };
}
