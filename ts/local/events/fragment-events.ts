import type { MatroskaTag, SimpleTag } from '../../parser/index.js';

/** What the tags of a fragment ask the service for (guide: "About producer MKV tags"). */
export interface FragmentEvents {
  /** Publish a notification. */
  readonly notification?: FragmentEvent;
  /** Make images. */
  readonly imageGeneration?: FragmentEvent & {
    /** Begins the names of the objects; '' when none was given. */
    readonly prefix: string;
  };
}

/** One request of a fragment. */
export interface FragmentEvent {
  /** The pairs of name and value that stand beside the request in its Tag. */
  readonly metadata: Readonly<Record<string, string>>;
}

const NOTIFICATION = 'AWS_KINESISVIDEO_NOTIFICATION';
const IMAGE_GENERATION = 'AWS_KINESISVIDEO_IMAGE_GENERATION';
const IMAGE_PREFIX = 'AWS_KINESISVIDEO_IMAGE_PREFIX';
/** Names that begin so belong to the service. */
const RESERVED_PREFIX = 'AWS';

/** Reads what a fragment asks for out of all of its tags; of several of a kind the first counts. */
export function readFragmentEvents(tags: readonly MatroskaTag[]): FragmentEvents {
  const notification = tagWith(tags, NOTIFICATION);
  const images = tagWith(tags, IMAGE_GENERATION);
  return {
    ...(notification && { notification: { metadata: pairsOf(notification) } }),
    ...(images && {
      imageGeneration: {
        metadata: pairsOf(images),
        prefix: images.simpleTags.find(({ name }) => name === IMAGE_PREFIX)?.string ?? '',
      },
    }),
  };
}

function tagWith(tags: readonly MatroskaTag[], name: string): MatroskaTag | undefined {
  return tags.find(({ simpleTags }) => simpleTags.some((tag) => tag.name === name));
}

function pairsOf({ simpleTags }: MatroskaTag): Record<string, string> {
  const own = simpleTags.filter(({ name }: SimpleTag) => !name.startsWith(RESERVED_PREFIX));
  return Object.fromEntries(own.map(({ name, string }) => [name, string ?? '']));
}
