import { KinesisVideoConsumer } from '../../consumer/index.js';
import { resolveConnection, type Connection, type ConnectionOptions } from '../connection.js';
import { INTERRUPTED_STATUS, Interrupts } from '../interrupts.js';
import { openLog, type LogOptions } from '../log.js';
import { explainMissing } from '../missing-stream.js';
import { Terminal } from '../terminal.js';
import type { Logger } from '../../logging/index.js';

/** What the work of a command is given. */
export interface ConsumerWork {
  readonly consumer: KinesisVideoConsumer;
  /** Aborted by an interrupt. */
  readonly signal: AbortSignal;
  readonly terminal: Terminal;
}

/**
 * Does some work with a consumer and returns the exit status: what the work returns, or 0, and 130 when
 * it was interrupted. Rejects with what the work rejects with.
 */
export async function withConsumer(
  options: ConnectionOptions & LogOptions & { readonly stream: string },
  work: (parts: ConsumerWork) => Promise<number | undefined>,
): Promise<number> {
  const terminal = new Terminal();
  const log = openLog(options, terminal);
  const interrupts = new Interrupts();
  const signal = interrupts.finish;
  interrupts.abort.addEventListener('abort', () => process.exit(INTERRUPTED_STATUS));
  let consumer: KinesisVideoConsumer | undefined;
  try {
    consumer = makeConsumer(await resolveConnection(options), log.logger);
    return (await work({ consumer, signal, terminal })) ?? 0;
  } catch (error) {
    if (signal.aborted && error === signal.reason) return INTERRUPTED_STATUS;
    throw explainMissing(error, options.stream);
  } finally {
    consumer?.close();
    interrupts.dispose();
    await log.close();
  }
}

/** A consumer for a connection. */
export function makeConsumer(connection: Connection, logger: Logger): KinesisVideoConsumer {
  const { region, endpoint, credentials, network } = connection;
  const { addressFamily, ca, proxy } = network;
  return new KinesisVideoConsumer({
    region,
    endpoint,
    credentials,
    addressFamily,
    ca,
    proxy,
    logger,
  });
}
