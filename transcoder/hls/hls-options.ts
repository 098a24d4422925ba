// What the HLS packager is set up with. Values only; the settings' documentation is in config/.

/** Settings of one HLS output. */
export interface HlsOptions {
  /** Target duration of a segment, ms; segments begin at the first key frame at or after each multiple. */
  readonly segmentMs: number;
  /** Target duration of a part, ms. */
  readonly partMs: number;
  /** How many segments a media playlist lists; as many again stay fetchable. */
  readonly windowSegments: number;
  /** How long a closed rendition may take to come back under its id before its playlist ends, ms. */
  readonly graceMs: number;
}
