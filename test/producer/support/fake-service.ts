/** A service on a real socket that misbehaves as a test wants it to. */
import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { TestContext } from '../../support/suite.js';
import { ClusterScanner } from './clusters.js';

/** What the service does with an upload. */
export type Script = (upload: FakeUpload) => void;

/** One PutMedia request as the service sees it. */
export class FakeUpload {
  readonly request: http.IncomingMessage;
  readonly response: http.ServerResponse;
  /** What has come of the body. */
  readonly chunks: Buffer[] = [];
  /** Fulfilled when the whole body has come, also when it was cut off. */
  readonly bodyEnded: Promise<void>;
  readonly #scanner = new ClusterScanner();

  constructor(request: http.IncomingMessage, response: http.ServerResponse) {
    this.request = request;
    this.response = response;
    this.bodyEnded = new Promise((resolve) => {
      request.on('close', resolve).on('end', resolve);
    });
    request.on('error', () => undefined);
    response.on('error', () => undefined);
  }

  get socket(): Socket {
    return this.request.socket;
  }

  /** Timecodes of the fragments that have begun. */
  get timecodes(): readonly number[] {
    return this.#scanner.timecodes;
  }

  get bytes(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  /** Accepts the request; the body is read only as far as `onData` or `readAndAck` asks for it. */
  accept(): void {
    this.response.writeHead(200);
    this.response.flushHeaders();
  }

  /** Refuses the request as the service does. */
  refuse(status: number, type: string, message = 'because'): void {
    this.response.writeHead(status, { 'x-amzn-errortype': type, 'x-amzn-requestid': 'request-1' });
    this.response.end(JSON.stringify({ Message: message }));
  }

  /** Sends an acknowledgement. */
  ack(type: string, timecode: number, more: Record<string, unknown> = {}): void {
    const ack = {
      EventType: type,
      FragmentTimecode: timecode,
      FragmentNumber: `${timecode}`,
      ...more,
    };
    this.response.write(`${JSON.stringify(ack)}\n`);
  }

  /** Reads the body; tells each time that fragments have begun. */
  read(onFragments: (timecodes: readonly number[]) => void = () => undefined): void {
    this.request.on('data', (chunk: Buffer) => {
      this.chunks.push(chunk);
      onFragments(this.#scanner.push(chunk));
    });
  }

  /** Accepts and acknowledges every fragment in full, the last one at the end of the body. */
  readAndAck(until = Infinity): void {
    this.accept();
    let complete = 0;
    const store = (count: number): void => {
      for (; complete < Math.min(count, until); complete += 1) {
        const timecode = this.timecodes[complete] ?? 0;
        this.ack('RECEIVED', timecode);
        this.ack('PERSISTED', timecode);
      }
    };
    this.read((begun) => {
      for (const timecode of begun) this.ack('BUFFERING', timecode);
      store(this.timecodes.length - 1);
    });
    this.request.on('end', () => {
      store(this.timecodes.length);
      this.response.end();
    });
  }

  /** Cuts the connection as a crash or a router does. */
  reset(): void {
    this.socket.resetAndDestroy();
  }
}

/** A running fake. */
export interface FakeService {
  readonly endpoint: string;
  readonly uploads: readonly FakeUpload[];
  /** Names of the operations called, in order, such as `describeStream`. */
  readonly operations: readonly string[];
  /** Waits for the upload with that index. */
  upload(index: number): Promise<FakeUpload>;
  /** Answers of the control plane by operation; set one to have it fail. */
  readonly failures: Map<string, { status: number; type: string }>;
  /** Retention in hours that describeStream tells. */
  retention: number;
  /** What describeStream tells besides, or instead. */
  readonly streamInfo: Record<string, string>;
  /** What getDataEndpoint answers instead of the fake itself. */
  dataEndpoint: string | undefined;
}

/**
 * Starts a fake that ends with the test.
 *
 * @param scripts - what happens to the first upload, the second …; the last one goes on for ever
 */
export async function startFake(t: TestContext, ...scripts: Script[]): Promise<FakeService> {
  const uploads: FakeUpload[] = [];
  const operations: string[] = [];
  const failures = new Map<string, { status: number; type: string }>();
  const fake = {
    retention: 24,
    streamInfo: {},
    dataEndpoint: undefined as string | undefined,
  };
  const sockets = new Set<Socket>();
  const arrivals = new EventTarget();

  const server = http.createServer((request, response) => {
    const operation = request.url?.slice(1) ?? '';
    operations.push(operation);
    if (operation === 'putMedia') {
      const upload = new FakeUpload(request, response);
      uploads.push(upload);
      (scripts[uploads.length - 1] ?? scripts.at(-1))?.(upload);
      arrivals.dispatchEvent(new Event('upload'));
      return;
    }
    request.resume().on('end', () => {
      const failure = failures.get(operation);
      if (failure !== undefined) {
        response.writeHead(failure.status, { 'x-amzn-errortype': failure.type });
        response.end('{"Message":"because"}');
        return;
      }
      response.end(JSON.stringify(answer(operation, endpoint, fake)));
    });
  });
  server.requestTimeout = 0;
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  const upload = async (index: number): Promise<FakeUpload> => {
    for (;;) {
      const found = uploads[index];
      if (found !== undefined) return found;
      await once(arrivals, 'upload', { signal: t.signal });
    }
  };
  return Object.assign(fake, { endpoint, uploads, operations, upload, failures });
}

function answer(
  operation: string,
  endpoint: string,
  {
    retention,
    streamInfo,
    dataEndpoint,
  }: Pick<FakeService, 'retention' | 'streamInfo' | 'dataEndpoint'>,
): unknown {
  if (operation === 'getDataEndpoint') return { DataEndpoint: dataEndpoint ?? endpoint };
  if (operation !== 'describeStream') return {};
  return {
    StreamInfo: {
      StreamName: 'cam',
      StreamARN: 'arn:aws:kinesisvideo:us-west-2:111122223333:stream/cam/1',
      Status: 'ACTIVE',
      Version: 'v1',
      DataRetentionInHours: retention,
      ...streamInfo,
    },
  };
}
