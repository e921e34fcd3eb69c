//! Numbers and bytes that look random and follow from a seed (SplitMix64).

/// A source of them.
pub(super) struct Random(u64);

impl Random {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to below `end`.
    pub(super) const fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// Whether it comes out one time in `times`.
    pub(super) const fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of them.
    pub(super) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// A size up to `most`: often tiny, sometimes small, now and then near `most`.
    pub(super) fn size(&mut self, most: usize) -> usize {
        let end = self.pick(&[2, 20, 2_000, 70_000, most + 1]);
        self.below(end.min(most + 1))
    }

    /// So many bytes.
    pub(super) fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(length + 8);
        while bytes.len() < length {
            bytes.extend_from_slice(&self.next().to_le_bytes());
        }
        bytes.truncate(length);
        bytes
    }

    /// The same bytes in pieces of at most `most`, some of them empty if `may_be_empty`.
    pub(super) fn cut<'a>(
        &mut self,
        mut bytes: &'a [u8],
        most: usize,
        may_be_empty: bool,
    ) -> Vec<&'a [u8]> {
        let mut pieces = Vec::new();
        while !bytes.is_empty() {
            let length = (self.size(most) + usize::from(!may_be_empty)).min(most).min(bytes.len());
            let (piece, rest) = bytes.split_at(length);
            pieces.push(piece);
            bytes = rest;
        }
        pieces
    }
}
