/* Empty: fills the static libraries that only the unbuilt libmediasoup-worker target links. */
