/** Items after which others have their turn. */
const ITEMS_A_TURN = 1000;

/**
 * Lets the timers and signals of a program have their turn in a loop over what is in memory already,
 * which waits for nothing but promises.
 */
export class Breather {
  #items = 0;

  /** Called for each item; a promise to wait for when it is the turn of others. */
  pass(): Promise<void> | undefined {
    this.#items += 1;
    if (this.#items < ITEMS_A_TURN) return undefined;
    this.#items = 0;
    return turnOfOthers();
  }
}

/** A message is what all runtimes have; the timers of a page in the background are slow. */
async function turnOfOthers(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  await new Promise<void>((resolve) => {
    const onMessage = (): void => {
      resolve();
    };
    port1.addEventListener('message', onMessage, { once: true });
    port1.start();
    port2.postMessage(undefined);
  });
  port1.close();
}
