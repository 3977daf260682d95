import {
  AUTHENTICATION_STATUS,
  HTTP_STATUS,
  isAuthenticationFailure,
  Refusal,
} from '../exceptions.js';

const DEFAULT_STATUS = 400;
const MESSAGE = 'This error is a fault that was asked for.';

/** An answer that a fault makes of a call. */
export class InjectedError extends Refusal {
  override readonly name = 'InjectedError';
  /** Name of the exception; empty where the answer is that of a proxy. */
  readonly type: string;
  readonly httpStatus: number;

  /** @param error - name of an exception, or an HTTP status */
  constructor(error: string | number, status?: number) {
    super(MESSAGE);
    this.type = typeof error === 'string' ? error : '';
    this.httpStatus = typeof error === 'number' ? error : (status ?? statusOf(error));
  }

  get body(): object | string {
    if (this.type === '') return `<html><body><h1>${this.httpStatus}</h1>${MESSAGE}</body></html>`;
    return isAuthenticationFailure(this.type) ? { message: MESSAGE } : { Message: MESSAGE };
  }
}

function statusOf(type: string): number {
  if (isAuthenticationFailure(type)) return AUTHENTICATION_STATUS;
  const known: Readonly<Record<string, number>> = HTTP_STATUS;
  return Object.hasOwn(known, type) ? (known[type] ?? DEFAULT_STATUS) : DEFAULT_STATUS;
}
