//! The argument of `#time`.

use grammar::smart_commits::{Time, TimeError};
use proptest::prelude::*;

#[test]
fn durations_are_weeks_days_hours_and_minutes_with_decimals() {
    let cases = [
        ("2h", 7_200, "2h", ""),
        ("30m", 1_800, "30m", ""),
        ("1d", 28_800, "1d", ""),
        ("1w", 144_000, "1w", ""),
        ("1.5h", 5_400, "1.5h", ""),
        ("1,5h", 5_400, "1.5h", ""),
        ("0.1h", 360, "0.1h", ""),
        ("1w 2d 4h 30m Total work logged", 217_800, "1w 2d 4h 30m", "Total work logged"),
        ("1h30m", 5_400, "1h 30m", ""),
        ("reviewed 2h yesterday", 7_200, "2h", "reviewed yesterday"),
        ("2h, mostly tests", 7_200, "2h", ", mostly tests"),
        ("(2h) tests", 7_200, "2h", "() tests"),
        ("2h fix 3h", 7_200, "2h", "fix"),
        ("2h since v1.5 in 2d3", 7_200, "2h", "since v1.5 in 2d3"),
    ];
    for (argument, seconds, spent, comment) in cases {
        let expected = Time { seconds, spent: spent.to_owned(), comment: comment.to_owned() };
        assert_eq!(Time::parse(argument), Ok(expected), "{argument:?}");
    }
}

#[test]
fn what_is_no_duration_is_an_error() {
    let cases = [
        ("", TimeError::NoDuration),
        ("lots", TimeError::NoDuration),
        ("2", TimeError::NoDuration),
        ("2y", TimeError::NoDuration),
        ("2H", TimeError::NoDuration),
        ("2 h", TimeError::NoDuration),
        ("2hours", TimeError::NoDuration),
        ("1h 30min", TimeError::NoDuration),
        ("-2h", TimeError::NoDuration),
        ("x2h", TimeError::NoDuration),
        ("1.5.2h", TimeError::NoDuration),
        (".5h", TimeError::NoDuration),
        ("0h", TimeError::Zero),
        ("0.0001m", TimeError::Zero),
        ("99999999999999999999w", TimeError::TooLong),
        ("600000h", TimeError::TooLong),
    ];
    for (argument, error) in cases {
        assert_eq!(Time::parse(argument), Err(error), "{argument:?}");
    }
    assert_eq!(Time::parse(&format!("{}h", "9".repeat(30_000))), Err(TimeError::TooLong));
}

proptest! {
    #[test]
    fn whole_durations_add_up(weeks in 0_u32..50, days in 0_u32..9, hours in 0_u32..99, minutes in 1_u32..999) {
        let time = Time::parse(&format!("{weeks}w {days}d {hours}h {minutes}m")).unwrap();
        prop_assert_eq!(time.seconds, 60 * (minutes + 60 * (hours + 8 * (days + 5 * weeks))));
    }

    #[test]
    fn what_was_spent_reads_back_the_same(argument in "[0-9]{1,3}([.,][0-9])?[wdhm] ?[0-9]{0,2}[hm]?") {
        if let Ok(time) = Time::parse(&argument) {
            let again = Time::parse(&time.spent).unwrap();
            prop_assert_eq!((again.seconds, again.spent), (time.seconds, time.spent));
        }
    }

    #[test]
    fn no_argument_makes_it_panic(argument in "([0-9.,wdhm ]|\\PC){0,20}") {
        let _ = Time::parse(&argument);
    }
}
