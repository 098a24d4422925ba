// Every setting once: the whole configuration as one zod schema. What a setting means is in its description,
// from which the sample file and docs/CONFIG.md are generated.
import { z } from 'zod';
import { interactionSection, roomSection } from './sections/interaction.ts';
import { hlsSection, ladderSection, streamSection, transcoderSection } from './sections/media.ts';
import { httpSection, rtmpSection, webrtcSection, wsSection } from './sections/network.ts';
import { authSection, dataSection, logSection, shutdownSection } from './sections/operations.ts';

/** Schema of the configuration file, the environment and the flags together; unknown keys are errors. */
export const configSchema = z.strictObject({
  http: httpSection,
  ws: wsSection,
  rtmp: rtmpSection,
  webrtc: webrtcSection,
  stream: streamSection,
  ladder: ladderSection,
  transcoder: transcoderSection,
  hls: hlsSection,
  room: roomSection,
  interaction: interactionSection,
  auth: authSection,
  data: dataSection,
  log: logSection,
  shutdown: shutdownSection,
  insecurePublic: z
    .boolean()
    .default(false)
    .describe(
      'Allows listening on a public address without TLS or with a weak secret. Say it only if you mean it.',
    ),
  demo: z
    .boolean()
    .default(false)
    .describe('Publishes a moving test picture with sound into the room `demo`.'),
});

/** The configuration with every default filled in. */
export type Config = z.output<typeof configSchema>;

/** The part of the configuration a caller may leave out: what a file holds. */
export type ConfigInput = z.input<typeof configSchema>;
