/** What the session permits: camera and microphone, to the page of this app, and nothing else. */
import { PAGE_ORIGIN } from './page-protocol.js';

/** Answers every request for a permission, and every question whether there is one. */
export function permitMediaOnly(session, { microphone }) {
  session.setPermissionRequestHandler((contents, permission, callback, details) => {
    const types = details.mediaTypes ?? [];
    const isMedia = permission === 'media' && (microphone || !types.includes('audio'));
    callback(isMedia && isOurPage(details.requestingUrl ?? contents.getURL()));
  });
  session.setPermissionCheckHandler((contents, permission, origin, details) => {
    const isMedia = permission === 'media' && (microphone || details?.mediaType !== 'audio');
    return isMedia && isOurPage(origin);
  });
  session.setDevicePermissionHandler(() => false);
  session.on('will-download', (event) => {
    event.preventDefault();
  });
}

function isOurPage(url) {
  return url === PAGE_ORIGIN || url?.startsWith(`${PAGE_ORIGIN}/`) === true;
}

/** macOS asks the person; whoever refuses has to change it in the system's settings. */
export async function askSystem(
  { systemPreferences },
  { microphone },
  platform = process.platform,
) {
  if (platform !== 'darwin') return;
  await systemPreferences.askForMediaAccess('camera');
  if (microphone) await systemPreferences.askForMediaAccess('microphone');
}
