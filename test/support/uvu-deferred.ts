/**
 * Tells uvu, before it is loaded, that somebody else starts the tests: `suite.ts` does. Without
 * this uvu starts each suite from a timer of its own and cannot tell when all of them are done.
 */
type SuiteRunner = () => Promise<
  [errors: string | true, ran: number, skipped: number, total: number]
>;

declare global {
  var UVU_DEFER: number | undefined;
  var UVU_QUEUE: [name: null, ...runners: SuiteRunner[]][] | undefined;
}

const runners: [null, ...SuiteRunner[]] = [null];
globalThis.UVU_DEFER = 1;
globalThis.UVU_QUEUE = [runners];

/** Takes the suites registered so far out of uvu's queue. */
export function takeSuites(): SuiteRunner[] {
  return runners.splice(1) as SuiteRunner[];
}
