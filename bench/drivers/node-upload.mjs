/** A bare upload with Node.js: the least that bytes cost on their way to an endpoint. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { CERTIFICATE } from '../endpoint/certificate.mjs';

/** As much as the producer writes at a time when it is behind. */
const CHUNK = 256 * 1024;

/** @see open of kvs-upload.mjs; the bytes are as many as those of the frames */
export async function open(frames, { url }) {
  const isSecure = url.startsWith('https:');
  const request = (isSecure ? httpsRequest : httpRequest)(`${url}/plain`, {
    method: 'POST',
    ...(isSecure && { ca: readFileSync(CERTIFICATE) }),
  });
  const responded = once(request, 'response');
  const chunk = Buffer.alloc(CHUNK, 0x80);
  const size = frames[0].data.length;
  const write = (bytes) => new Promise((resolve) => request.write(bytes, resolve));
  return {
    async run(count) {
      for (let left = count * size; left > 0; left -= CHUNK) {
        await write(left < CHUNK ? chunk.subarray(0, left) : chunk);
      }
    },
    async close() {
      request.end();
      const [response] = await responded;
      response.resume();
      await once(response, 'end');
    },
  };
}
