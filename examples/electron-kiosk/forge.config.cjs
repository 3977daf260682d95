/** Electron Forge, for those who package with it instead of electron-builder. */
module.exports = {
  packagerConfig: {
    // The addon has to be a file of its own; everything else stays in the archive.
    asar: { unpack: '**/*.node' },
    extendInfo: {
      NSCameraUsageDescription: 'The picture of the camera is streamed.',
      NSMicrophoneUsageDescription: 'The sound is streamed with the picture.',
    },
  },
  // It is built on Node-API: the same binary serves Node.js and every Electron.
  rebuildConfig: { ignoreModules: ['kinesis-video-producer'] },
  makers: [{ name: '@electron-forge/maker-zip' }],
};
