import type { FragmentItem } from './fragment-items.js';
import type { StreamedFragment } from './media-fragment.js';

/** The item with which a fragment begins. */
export type BeginItem = FragmentItem & { readonly type: 'fragment' };

/**
 * Gives out fragments one after another, each when it begins. What is left of one is passed over when
 * the next is asked for.
 *
 * @param next - gets the next item, undefined when the input is over
 * @param make - makes the fragment that an item begins, which gets its items by `next`, too
 * @param close - called at the end, however it comes
 */
export async function* fragmentsOf<I extends FragmentItem, F extends StreamedFragment>(
  next: () => Promise<I | undefined>,
  make: (item: I & BeginItem) => F,
  close: () => unknown,
): AsyncGenerator<F, void, undefined> {
  let current: F | undefined;
  try {
    for (;;) {
      if (current?.state === 'open') await current.finish();
      const item = await next();
      if (item === undefined) return;
      if (item.type !== 'fragment') continue;
      current = make(item as I & BeginItem);
      yield current;
    }
  } finally {
    current?.abandon();
    await close();
  }
}
