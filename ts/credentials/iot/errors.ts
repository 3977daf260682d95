/** What may go wrong between a device and the credentials provider of AWS IoT. */
import { KinesisVideoError } from '../../internal/errors.js';
import type { StatusName } from '../../internal/status.js';
import { redact } from '../../internal/redact.js';
import { DialFailure, networkError, type Peer } from '../../network/index.js';
import type { IotAnswer } from './request.js';

const MAX_QUOTE = 300;

/** Who asked for what. */
export interface IotSubject {
  readonly host: string;
  readonly roleAlias: string;
  readonly thingName: string | undefined;
}

interface Rule {
  readonly code: StatusName;
  readonly retryable: boolean;
  readonly problem: string;
  readonly advice: string;
}

/**
 * TLS alerts by which a server refuses a client's certificate (RFC 8446, section 6.2). With TLS 1.3
 * they come after the handshake, in place of an answer.
 */
const CERTIFICATE_ALERT =
  /ALERT_(?:.*CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED|HANDSHAKE_FAILURE|DECRYPT)/;

const refusedCertificate: Rule = {
  code: 'STATUS_IOT_FAILED',
  retryable: false,
  problem: 'does not accept the certificate of this device',
  advice: 'check that it is the right one, and that AWS IoT has it as active',
};
const lost: Rule = {
  code: 'STATUS_SERVICE_CALL_UNKNOWN_ERROR',
  retryable: true,
  problem: 'closed the connection without an answer',
  advice:
    'check the network, and that the certificate is registered and active: servers do so to those that they do not know',
};

/** The error for a connection that was not made. */
export function connectionFailure(host: string, cause: unknown): KinesisVideoError {
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  if (CERTIFICATE_ALERT.test(code)) return failure(host, refusedCertificate, cause);
  return networkError(peerAt(host), cause);
}

/** The error for a connection that ended before there was an answer. */
export function lostConnection(host: string, cause: Error): KinesisVideoError {
  const isAlert = CERTIFICATE_ALERT.test((cause as NodeJS.ErrnoException).code ?? '');
  return failure(host, isAlert ? refusedCertificate : lost, cause);
}

/** The error for a provider that took longer than `timeout` milliseconds. */
export function lateAnswer(host: string, timeout: number): KinesisVideoError {
  const problem = `did not answer within ${timeout} ms`;
  return networkError(peerAt(host), new DialFailure(problem, { code: 'ETIMEDOUT', problem }));
}

function peerAt(host: string): Peer {
  const name = `credentials provider of AWS IoT at ${host}`;
  return { name, operation: 'AssumeRoleWithCertificate', values: { host } };
}

function failure(host: string, rule: Rule, cause: unknown): KinesisVideoError {
  const { code, message } = cause as NodeJS.ErrnoException;
  return new KinesisVideoError(
    rule.code,
    `The ${peerAt(host).name} ${rule.problem} (${code ?? message}): ${rule.advice}.`,
    {
      values: { host, ...(code !== undefined && { errorCode: code }) },
      advice: rule.advice,
      retryable: rule.retryable,
      cause,
    },
  );
}

/** The error for an answer other than 200. */
export function refusal(subject: IotSubject, answer: IotAnswer): KinesisVideoError {
  const { host, roleAlias, thingName } = subject;
  const { httpStatus, requestId, body } = answer;
  const quote = quoteOf(body);
  const rule = refusalRule(subject, httpStatus, quote ?? '');
  const said = [`HTTP ${httpStatus}`, ...(quote === undefined ? [] : [JSON.stringify(quote)])];
  return new KinesisVideoError(
    'STATUS_IOT_FAILED',
    `${rule.problem} (${said.join(', ')}, ${host}): ${rule.advice}.`,
    {
      values: { host, roleAlias, thingName, httpStatus },
      advice: rule.advice,
      retryable: rule.retryable,
      requestId,
    },
  );
}

function refusalRule(
  { roleAlias, thingName }: IotSubject,
  status: number,
  quote: string,
): Omit<Rule, 'code'> {
  const alias = `role alias "${roleAlias}"`;
  if (/thing name/i.test(quote)) {
    const shown = thingName === undefined ? 'No thing name was sent, and' : `"${thingName}" as`;
    const problem = `AWS IoT does not take ${shown} thing name for this certificate`;
    return {
      problem:
        thingName === undefined ? 'AWS IoT wants a thing name with this certificate' : problem,
      advice:
        'attach the certificate to the thing of that name, or give the name of its thing as `thingName`; by default that is the name of the stream',
      retryable: false,
    };
  }
  if (status === 404) {
    const advice = 'check `roleAlias` and the region of the endpoint';
    return { problem: `AWS IoT knows no ${alias}`, advice, retryable: false };
  }
  if (status >= 500 || status === 429 || status === 408) {
    const advice = 'try again; if it persists, see the AWS health dashboard';
    return { problem: `AWS IoT gave no credentials for ${alias}`, advice, retryable: true };
  }
  return {
    problem: `AWS IoT does not allow this certificate to use ${alias}`,
    advice:
      'check that the certificate is active, and that a policy attached to it allows iot:AssumeRoleWithCertificate on the role alias',
    // Times pass: a certificate becomes valid, a clock gets set.
    retryable: /\b(?:expired|not yet|clock|skew)/i.test(quote),
  };
}

/** What the provider says, on one line and bounded; it sees no secret of ours. */
function quoteOf(body: string): string | undefined {
  let message: unknown;
  try {
    message = (JSON.parse(body) as { message?: unknown } | null)?.message;
  } catch {
    return undefined;
  }
  if (typeof message !== 'string' || message === '') return undefined;
  const line = redact(message).replace(/[\p{Cc}\p{Cf}]+/gu, ' ');
  return line.length > MAX_QUOTE ? `${line.slice(0, MAX_QUOTE)}…` : line;
}
