import { Dialer } from '../../network/index.js';
import { ControlPlane, tellCall, type StreamInfo } from '../../service/index.js';
import { credentialsOf, resolveConnection, type ConnectionOptions } from '../connection.js';
import { columns } from '../help.js';
import { INTERRUPTED_STATUS, Interrupts } from '../interrupts.js';
import { openLog, type LogOptions } from '../log.js';
import { Terminal } from '../terminal.js';

/**
 * Does some work with the control plane and returns the exit status: 0 when the work is done, 130
 * when it was interrupted. Rejects with what the work rejects with.
 */
export async function withControlPlane(
  options: ConnectionOptions & LogOptions & { readonly stream?: string },
  work: (controlPlane: ControlPlane, signal: AbortSignal) => Promise<void>,
): Promise<number> {
  const log = openLog(options, new Terminal());
  const interrupts = new Interrupts();
  const signal = interrupts.finish;
  let controlPlane: ControlPlane | undefined;
  try {
    const connection = await resolveConnection(options);
    const { region, endpoint, network } = connection;
    controlPlane = new ControlPlane({
      region,
      endpoint,
      credentials: credentialsOf(connection, options.stream),
      dialer: new Dialer(network),
      onAttempt: (attempt) => {
        tellCall(log.logger, attempt);
      },
    });
    await work(controlPlane, signal);
    return 0;
  } catch (error) {
    if (signal.aborted && error === signal.reason) return INTERRUPTED_STATUS;
    throw error;
  } finally {
    controlPlane?.close();
    interrupts.dispose();
    await log.close();
  }
}

/** Prints a stream: as one line of JSON, or as a list of its properties. */
export function printStream(info: StreamInfo, json: boolean): void {
  const { creationTime, retentionPeriod } = info;
  if (json) {
    process.stdout.write(`${JSON.stringify(info)}\n`);
    return;
  }
  const rows: (readonly [string, string | undefined])[] = [
    ['name', info.streamName],
    ['ARN', info.streamArn],
    ['status', info.status],
    ['retention', retentionPeriod === 0 ? 'none' : `${retentionPeriod} h`],
    ['media type', info.mediaType],
    ['created', creationTime === undefined ? undefined : new Date(creationTime).toISOString()],
    ['KMS key', info.kmsKeyId],
    ['device', info.deviceName],
    ['version', info.version],
  ];
  const known = rows.flatMap(([name, text]) => (text ? [[name, text] as const] : []));
  process.stdout.write(`${columns(known)}\n`);
}
