//! Packs that arrive damaged, on purpose.

/// The band of `side-band-64k` that carries the pack.
const PACK_BAND: u8 = 1;

/// Flips bits in the pack of an upload-pack answer. The frames around it stay sound, so that it is git's own check of the pack
/// that fails, not the protocol.
pub(super) fn damage(answer: &mut [u8]) {
    let mut at = 0;
    while let Some(length) = frame_length(&answer[at..]) {
        let end = (at + length.max(4)).min(answer.len());
        if length > 5 && answer[at + 4] == PACK_BAND {
            answer[end - 1] ^= 0xff;
        }
        at = end;
    }
}

/// The length of the frame that begins here, its four digits included; the short ones (flush, delimiter) are 0 to 3.
fn frame_length(bytes: &[u8]) -> Option<usize> {
    let digits = std::str::from_utf8(bytes.get(..4)?).ok()?;
    usize::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_pack_is_damaged() {
        let mut answer = b"000dpackfile\n0009\x01PACK0008\x02log0000".to_vec();
        damage(&mut answer);
        assert_eq!(answer, b"000dpackfile\n0009\x01PAC\xb40008\x02log0000");
    }

    #[test]
    fn what_is_no_frame_is_left_alone() {
        let mut answer = b"00ffxx".to_vec();
        damage(&mut answer);
        assert_eq!(answer, b"00ffxx");
        let mut none = Vec::new();
        damage(&mut none);
    }
}
