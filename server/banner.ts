// What a person sees when the server is ready: where to watch and what to type into OBS. Not a log; the secrets
// on it appear nowhere else. Pure.
import type { RoomUrls } from './public-urls.ts';

/** Everything on the banner. */
export interface BannerFacts {
  readonly version: string;
  readonly urls: RoomUrls;
  readonly streamKey: string;
  readonly adminToken: string;
  readonly demo: boolean;
  readonly warnings: readonly string[];
}

/** The banner, ending in an empty line. */
export function renderBanner(facts: BannerFacts): string {
  const rows: [string, string][] = [
    ['Watch page', facts.urls.watch],
    ['RTMP server', facts.urls.rtmpServer],
    ['Stream key', facts.streamKey],
    ['WHEP URL', facts.urls.whep],
    ['HLS URL', facts.urls.hls],
    ['Admin token', facts.adminToken],
  ];
  const lines = rows.map(([name, value]) => `  ${name.padEnd(13)}${value}`);
  const hint = facts.demo
    ? 'A test picture is on its way to the watch page.'
    : 'In OBS: Settings > Stream > Custom, then Server and Stream Key as above. `--demo` shows a test picture.';
  const warnings = facts.warnings.map((warning) => `  Note: ${warning}`);
  return [
    '',
    `Barrage ${facts.version} is ready. Ctrl+C ends it.`,
    '',
    ...lines,
    '',
    `  ${hint}`,
    ...warnings,
    '',
    '',
  ].join('\n');
}
