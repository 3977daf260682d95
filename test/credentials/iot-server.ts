/** A credentials provider of AWS IoT that answers as a test wants it to. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { IotCertificateOptions } from '../../ts/credentials/index.js';
import { Authority, type Certificate } from '../support/certificates.js';
import type { TestContext } from '../support/suite.js';

/** What it was asked for. */
export interface SeenRequest {
  readonly url: string | undefined;
  readonly thingName: string | string[] | undefined;
  readonly serverName: string | false | undefined;
  readonly protocol: string | null;
  readonly subject: string;
}

/** As much of a TLSSocket as is looked at. */
interface PeerSocket {
  readonly servername?: string | false;
  getProtocol(): string | null;
  getPeerCertificate(): { readonly subject?: { readonly CN: string } };
}

/** Answers one request. */
export type IotHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** A server, a device with a certificate, and the options by which the device uses the server. */
export interface IotServer {
  readonly authority: Authority;
  readonly device: Certificate;
  readonly options: IotCertificateOptions;
  readonly seen: readonly SeenRequest[];
  answer: IotHandler;
}

/** Starts a server that ends with the test. `tls` changes how it does TLS. */
export async function startIotServer(t: TestContext, tls: object = {}): Promise<IotServer> {
  const authority = new Authority(t);
  const device = authority.issue('device');
  const { cert, key } = authority.issueForServer();
  const seen: SeenRequest[] = [];
  const ca = authority.self.cert;
  const server = createServer({ cert, key, ca, requestCert: true, ...tls }, (request, response) => {
    const socket = request.socket as unknown as PeerSocket;
    seen.push({
      url: request.url,
      thingName: request.headers['x-amzn-iot-thingname'],
      serverName: socket.servername,
      protocol: socket.getProtocol(),
      subject: socket.getPeerCertificate().subject?.CN ?? '',
    });
    iot.answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const iot: IotServer = {
    authority,
    device,
    seen,
    options: {
      endpoint: `localhost:${port}`,
      roleAlias: 'CameraRole',
      certPath: device.certPath,
      keyPath: device.keyPath,
      ca,
    },
    answer: answerWith({ credentials: credentials() }),
  };
  return iot;
}

/** Credentials as the provider writes them, for an hour unless told. */
export function credentials(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    accessKeyId: 'ASIAIOT',
    secretAccessKey: 'canarySecret',
    sessionToken: 'canaryToken',
    expiration: new Date(Date.now() + 3600_000).toISOString().replace(/\.\d+/, ''),
    ...changes,
  };
}

/** Answers with JSON, or with a text as it is. */
export function answerWith(body: object | string, status = 200): IotHandler {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-RequestId': 'r-1' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}
