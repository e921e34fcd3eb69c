//! CRC-32C (Castagnoli, RFC 3720 appendix B.4): the checksum of a v2 header. Headers are short and
//! one a connection, so a byte at a time is fast enough.

/// The polynomial 0x1EDC6F41 with its bits reversed.
const POLYNOMIAL: u32 = 0x82f6_3b78;

const TABLE: [u32; 256] = table();

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut index = 0;
    while index < table.len() {
        let mut value = index as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 { value >> 1 ^ POLYNOMIAL } else { value >> 1 };
            bit += 1;
        }
        table[index] = value;
        index += 1;
    }
    table
}

/// The checksum of the pieces, joined.
pub(super) fn crc32c(pieces: &[&[u8]]) -> u32 {
    !pieces.iter().copied().flatten().fold(!0, |sum, &byte| {
        let index = (sum ^ u32::from(byte)) & 0xff;
        sum >> 8 ^ TABLE[index as usize]
    })
}

#[cfg(test)]
mod tests {
    use super::crc32c;

    #[test]
    fn the_examples_of_rfc_3720() {
        let ascending: Vec<u8> = (0..32).collect();
        assert_eq!(crc32c(&[&[0; 32]]), 0x8a91_36aa);
        assert_eq!(crc32c(&[&[0xff; 32]]), 0x62a8_ab43);
        assert_eq!(crc32c(&[&ascending]), 0x46dd_794e);
        assert_eq!(crc32c(&[b"1234", b"", b"56789"]), 0xe306_9283);
        assert_eq!(crc32c(&[]), 0);
    }
}
