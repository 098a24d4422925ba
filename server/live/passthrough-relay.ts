// Hands a source rendition on under an id of its own, as an output like those ffmpeg makes. A relay can
// be closed without closing the source, when it turns out not to be fit for viewers after all.
import type { AccessUnit } from '../../core/access-unit.ts';
import type { Closable } from '../../core/lifecycle.ts';
import type { OpenRendition, RenditionPort } from '../../core/rendition.ts';

/** Relays `source` as rendition `id` from now until the relay or the source is closed. */
export function relayRendition(source: RenditionPort, id: string, open: OpenRendition): Closable {
  const output = open(id, source.track);
  const handleUnit = (unit: AccessUnit): void => output.write(unit);
  const handleTrack = (): void => output.setTrack(source.track);
  const close = (reason: string): void => {
    source.off('unit', handleUnit).off('track', handleTrack).off('closed', close);
    output.close(reason);
  };
  source.on('unit', handleUnit).on('track', handleTrack).once('closed', close);
  return { close };
}
