/** A name server with one name, on the port where the system asks. Runs in a network namespace. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** What it answers. */
export type DnsMood = 'answers' | 'does not know' | 'fails' | 'is silent';

const RESPONSE = 0x8180;
const SERVFAIL = 2;
const NXDOMAIN = 3;
const HEADER = 12;
const TYPE_A = 1;

/** Answers every question for an IPv4 address with the same one. */
export class DnsServer {
  readonly #socket: Socket;
  mood: DnsMood = 'answers';
  address = '127.0.0.1';
  /** Questions so far. */
  questions = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (query, peer) => {
      this.questions += 1;
      const answer = this.#answerTo(query);
      if (answer !== undefined) socket.send(answer, peer.port, peer.address);
    });
  }

  static async start(): Promise<DnsServer> {
    const socket = createSocket('udp4');
    socket.bind(53, '127.0.0.1');
    await once(socket, 'listening');
    return new DnsServer(socket);
  }

  async close(): Promise<void> {
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }

  /** RFC 1035 section 4.1: the question again, and one record that points at it. */
  #answerTo(query: Buffer): Buffer | undefined {
    if (this.mood === 'is silent') return undefined;
    const code = { answers: 0, 'does not know': NXDOMAIN, fails: SERVFAIL }[this.mood];
    const end = query.indexOf(0, HEADER) + 1;
    const question = query.subarray(HEADER, end + 4);
    const hasRecord = code === 0 && query.readUInt16BE(end) === TYPE_A;
    const header = Buffer.alloc(HEADER);
    query.copy(header, 0, 0, 2);
    header.writeUInt16BE(RESPONSE | code, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(hasRecord ? 1 : 0, 6);
    const record = Buffer.from('c00c00010001000000000004', 'hex');
    const address = Buffer.from(this.address.split('.').map(Number));
    return Buffer.concat(hasRecord ? [header, question, record, address] : [header, question]);
  }
}
