/**
 * An endpoint that costs little: it takes uploads, acknowledges their fragments and keeps nothing.
 * What the producer's process costs is then what is measured, and not the endpoint on the same cores.
 *
 *   fork('sink.mjs', ['http' | 'https'])     tells the parent { url } once, and ends with it
 *
 * `/putMedia` acknowledges; any other upload is a plain one.
 */
import { readFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { CERTIFICATE, KEY } from './certificate.mjs';
import { clusterScanner } from './cluster-scanner.mjs';

const OPERATIONS = {
  '/describeStream': ({ StreamName }) => ({
    StreamInfo: {
      StreamName,
      StreamARN: `arn:aws:kinesisvideo:us-west-2:123456789012:stream/${StreamName}/1`,
      Version: '1',
      Status: 'ACTIVE',
      CreationTime: 1,
      DataRetentionInHours: 24,
    },
  }),
  '/getDataEndpoint': (_, url) => ({ DataEndpoint: url }),
};

function serve(request, response) {
  const operation = OPERATIONS[request.url];
  if (operation !== undefined) answer(request, response, operation);
  else if (request.url === '/putMedia') putMedia(request, response);
  else drain(request, response);
}

function answer(request, response, operation) {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(operation(JSON.parse(body), url)));
  });
}

/** A fragment is stored when the next one begins, or the upload ends. */
function putMedia(request, response) {
  const scan = clusterScanner();
  let open;
  let number = 0;
  const persisted = () => {
    if (open === undefined) return;
    number += 1;
    const ack = { EventType: 'PERSISTED', FragmentTimecode: open, FragmentNumber: String(number) };
    response.write(`${JSON.stringify(ack)}\n`);
  };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  request.on('data', (chunk) => {
    for (const timecode of scan(chunk)) {
      persisted();
      open = timecode;
    }
  });
  request.on('end', () => {
    persisted();
    response.end();
  });
}

function drain(request, response) {
  request.resume();
  request.on('end', () => response.end());
}

const isSecure = process.argv[2] === 'https';
const server = isSecure
  ? createHttps({ cert: readFileSync(CERTIFICATE), key: readFileSync(KEY) }, serve)
  : createHttp(serve);
// Uploads last as long as they last.
server.requestTimeout = 0;
let url;
server.listen(0, '127.0.0.1', () => {
  url = `${isSecure ? 'https' : 'http'}://127.0.0.1:${server.address().port}`;
  process.send({ url });
});
process.on('disconnect', () => process.exit());
