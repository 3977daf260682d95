/** Calls that the service, or what stands before it, answers with an error. */
import type { FaultRow } from '../support/row.js';

export const CALL_ROWS: readonly FaultRow[] = [
  {
    fault: '503',
    phase: 'putMedia',
    inject: (w) => {
      w.http.answer('putMedia', 503, 'ServiceUnavailableException');
      w.http.reset();
    },
    code: 'STATUS_SERVICE_CALL_UNKNOWN_ERROR',
  },
  {
    fault: '403 of a policy',
    phase: 'putMedia',
    inject: (w) => {
      w.http.answer('putMedia', 403, 'AccessDeniedException');
      w.http.reset();
    },
    fatal: 'STATUS_SERVICE_CALL_NOT_AUTHORIZED_ERROR',
  },
];
