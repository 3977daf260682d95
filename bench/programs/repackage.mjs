/** Reads Matroska from the file of its argument, and makes Matroska that goes nowhere. */
import { packager, videoOf } from './clip.mjs';

const { media, track } = await videoOf(process.argv[2]);
const put = packager(track, () => undefined);
for await (const packet of media.packets()) put(packet);
