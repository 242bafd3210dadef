//! Spreading over a time what would come together: by what it belongs to alone, so that a restart does not draw again.

use model::Millis;

/// The golden ratio as a fraction of 2^64: its multiples fall into the largest gap that the ones before have left.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// A place in `0..length` for a thing with a running number: neighbours lie far apart, many fill the length evenly.
pub(crate) fn evenly(number: i64, length: Millis) -> Millis {
    scaled(number.cast_unsigned().wrapping_mul(GOLDEN), length)
}

/// A place in `0..length` that looks like chance.
pub(crate) fn of((one, other): (i64, i64), length: Millis) -> Millis {
    let mut mixed = one.cast_unsigned().wrapping_mul(GOLDEN) ^ other.cast_unsigned().rotate_left(32);
    // The finisher of SplitMix64: every bit of what goes in changes half of those that come out.
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    scaled(mixed ^ (mixed >> 31), length)
}

/// A fraction of 2^64 as the same fraction of `length`.
fn scaled(fraction: u64, length: Millis) -> Millis {
    let length = u128::from(length.max(0).cast_unsigned());
    Millis::try_from((u128::from(fraction) * length) >> 64).expect("less than the length, which is one")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn running_numbers_fill_the_length_evenly() {
        for first in [1, 1_000, 123_456_789] {
            let mut places: Vec<Millis> = (first..first + 60).map(|number| evenly(number, 3_600_000)).collect();
            places.sort_unstable();
            let widest = places.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
            assert!(widest <= 130_000, "{widest} ms without any of 60 over an hour");
        }
    }

    #[test]
    fn chance_stays_within_the_length_and_uses_it() {
        let places: Vec<Millis> = (0..1_000).map(|number| of((number, 3), 1_000)).collect();
        assert!(places.iter().all(|place| (0..1_000).contains(place)));
        assert!(places.iter().any(|place| *place < 20) && places.iter().any(|place| *place > 980));
        assert_eq!((of((5, 5), 0), evenly(5, 0)), (0, 0));
    }
}
