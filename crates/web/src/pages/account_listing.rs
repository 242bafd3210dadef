//! Which repositories of an account a page lists: searched, filtered, sorted, a page at a time.

use std::cmp::Ordering;

use serde::Deserialize;
use store::ListedRepository;
use store::repositories::RepositoryState;
use url::form_urlencoded::Serializer;

use crate::view::number::thousands;

/// How many repositories a page has.
pub const PAGE: usize = 100;

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    show: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    sort: String,
    #[serde(default)]
    page: String,
}

/// The repositories of one page, and the ways to others.
pub struct Listing {
    /// Which are shown, in their order.
    pub ids: Vec<i64>,
    /// How many there are.
    pub all: usize,
    /// How many match.
    pub matching: usize,
    /// What is searched for.
    pub query: String,
    /// The word of the filter.
    pub show: &'static str,
    /// The order, where it is not the usual one.
    pub sort: Option<String>,
    pub filters: Vec<Filter>,
    pub columns: Columns,
    /// The ways to the pages around it; none where there is one page.
    pub pages: Option<Pages>,
}

/// A choice of the filter.
pub struct Filter {
    pub word: &'static str,
    pub query: String,
    pub count: usize,
    pub chosen: bool,
}

/// The headings that sort.
pub struct Columns {
    pub path: Column,
    pub commits: Column,
    pub activity: Column,
    pub state: Column,
}

/// A heading that sorts: where it leads, and how it sorts now (`aria-sort`).
pub struct Column {
    pub query: String,
    pub sorted: Option<&'static str>,
}

/// "101–200 of 5,000", with the pages before and behind.
pub struct Pages {
    pub words: String,
    pub before: Option<String>,
    pub behind: Option<String>,
}

/// A choice of the filter: its value in the address, its word, and which repositories it keeps.
type Choice = (&'static str, &'static str, fn(&ListedRepository) -> bool);

const CHOICES: [Choice; 6] = [
    ("all", "all", |_| true),
    ("linked", "linked", |row| row.linked),
    ("not-linked", "not linked", |row| !row.linked),
    ("failed", "failed", |row| row.linked && row.state == RepositoryState::Failed),
    ("syncing", "syncing", |row| row.linked && is_under_way(row.state)),
    ("paused", "paused", |row| row.linked && row.paused),
];

const fn is_under_way(state: RepositoryState) -> bool {
    matches!(state, RepositoryState::Waiting | RepositoryState::Syncing)
}

/// What can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Path,
    Commits,
    Activity,
    State,
}

/// An order, in the address `path` or, from the last to the first, `-path`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Order {
    by: By,
    descending: bool,
}

/// The newest activity first.
const USUAL: Order = Order { by: By::Activity, descending: true };

impl By {
    const ALL: [(Self, &'static str); 4] =
        [(Self::Path, "path"), (Self::Commits, "commits"), (Self::Activity, "activity"), (Self::State, "state")];

    fn word(self) -> &'static str {
        Self::ALL.iter().find(|(by, _)| *by == self).map_or("", |(_, word)| word)
    }

    fn compare(self, one: &ListedRepository, other: &ListedRepository) -> Ordering {
        match self {
            Self::Path => Ordering::Equal,
            Self::Commits => one.commits_with_keys.cmp(&other.commits_with_keys),
            Self::Activity => one.last_activity_at.cmp(&other.last_activity_at),
            Self::State => urgency(one).cmp(&urgency(other)),
        }
    }
}

/// What somebody should look at comes first.
const fn urgency(row: &ListedRepository) -> u8 {
    match row.state {
        _ if !row.linked => 6,
        _ if row.paused => 1,
        RepositoryState::Failed => 0,
        RepositoryState::Syncing => 2,
        RepositoryState::Waiting => 3,
        RepositoryState::UpToDate => 4,
        RepositoryState::Empty => 5,
    }
}

impl Order {
    fn read(text: &str) -> Self {
        let (word, descending) = text.strip_prefix('-').map_or((text, false), |word| (word, true));
        By::ALL.iter().find(|(_, known)| *known == word).map_or(USUAL, |(by, _)| Self { by: *by, descending })
    }

    fn written(self) -> String {
        format!("{}{}", if self.descending { "-" } else { "" }, self.by.word())
    }

    /// Equal ones stand by their paths, and those by their ids, so that no page shows one twice.
    fn compare(self, one: &ListedRepository, other: &ListedRepository) -> Ordering {
        let paths = one.path.cmp(&other.path).then(one.id.cmp(&other.id));
        let order = match self.by {
            By::Path => return if self.descending { paths.reverse() } else { paths },
            by => by.compare(one, other),
        };
        (if self.descending { order.reverse() } else { order }).then(paths)
    }

    /// What a heading leads to: the other direction where it sorts already, else the direction that is looked for first.
    fn next(self, by: By) -> Self {
        let first = matches!(by, By::Commits | By::Activity);
        Self { by, descending: if self.by == by { !self.descending } else { first } }
    }
}

/// The parts of an address that are kept from one page to the next.
struct Address<'a> {
    show: &'static str,
    query: &'a str,
    order: Order,
}

impl Address<'_> {
    fn written(&self, page: usize) -> String {
        let mut pairs = Serializer::new(String::new());
        if self.show != CHOICES[0].0 {
            pairs.append_pair("show", self.show);
        }
        if !self.query.is_empty() {
            pairs.append_pair("q", self.query);
        }
        if self.order != USUAL {
            pairs.append_pair("sort", &self.order.written());
        }
        if page > 1 {
            pairs.append_pair("page", &page.to_string());
        }
        format!("?{}", pairs.finish())
    }
}

impl Listing {
    /// What `asked` shows of these.
    pub fn of(rows: Vec<ListedRepository>, asked: &Asked) -> Self {
        let query: String = asked.q.trim().chars().take(200).collect();
        let (show, _, keeps) = CHOICES.into_iter().find(|(value, ..)| *value == asked.show).unwrap_or(CHOICES[0]);
        let order = Order::read(&asked.sort);
        let address = Address { show, query: &query, order };
        let filters = CHOICES.into_iter().map(|choice| Filter::new(choice, &address, &rows)).collect();
        let columns = Columns::of(&address);
        let all = rows.len();
        let needle = query.to_lowercase();
        let mut matching: Vec<ListedRepository> =
            rows.into_iter().filter(|row| keeps(row) && row.path.to_lowercase().contains(&needle)).collect();
        matching.sort_by(|one, other| order.compare(one, other));
        let last = matching.len().div_ceil(PAGE).max(1);
        let page = asked.page.parse().unwrap_or(1).clamp(1, last);
        let pages = (last > 1).then(|| Pages::of(&address, page, last, matching.len()));
        let ids = matching.iter().skip((page - 1) * PAGE).take(PAGE).map(|row| row.id).collect();
        let sort = (order != USUAL).then(|| order.written());
        Self { ids, all, matching: matching.len(), show, sort, filters, columns, pages, query }
    }
}

impl Filter {
    fn new((value, word, keeps): Choice, address: &Address<'_>, rows: &[ListedRepository]) -> Self {
        Self {
            word,
            query: Address { show: value, ..*address }.written(1),
            count: rows.iter().filter(|row| keeps(row)).count(),
            chosen: value == address.show,
        }
    }
}

impl Columns {
    /// What they are called where the table has no headings, on a narrow screen.
    pub fn named(&self) -> [(&'static str, &Column); 4] {
        [
            ("repository", &self.path),
            ("commits with keys", &self.commits),
            ("last activity", &self.activity),
            ("state", &self.state),
        ]
    }

    fn of(address: &Address<'_>) -> Self {
        let column = |by| Column {
            query: Address { order: address.order.next(by), ..*address }.written(1),
            sorted: (address.order.by == by).then_some(if address.order.descending {
                "descending"
            } else {
                "ascending"
            }),
        };
        Self {
            path: column(By::Path),
            commits: column(By::Commits),
            activity: column(By::Activity),
            state: column(By::State),
        }
    }
}

impl Pages {
    fn of(address: &Address<'_>, page: usize, last: usize, matching: usize) -> Self {
        let number = |count: usize| thousands(i64::try_from(count).unwrap_or(i64::MAX));
        let (first, end) = ((page - 1) * PAGE + 1, (page * PAGE).min(matching));
        Self {
            words: format!("{}–{} of {}", number(first), number(end), number(matching)),
            before: (page > 1).then(|| address.written(page - 1)),
            behind: (page < last).then(|| address.written(page + 1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: i64) -> ListedRepository {
        ListedRepository {
            id,
            path: format!("team/{:05}", id % 1_000),
            linked: id % 3 != 0,
            paused: false,
            state: if id % 7 == 0 { RepositoryState::Failed } else { RepositoryState::UpToDate },
            last_activity_at: (id % 5 != 0).then_some(id % 11),
            synced_at: None,
            commits_with_keys: id % 13,
        }
    }

    fn asked(show: &str, q: &str, sort: &str, page: usize) -> Asked {
        Asked { show: show.to_owned(), q: q.to_owned(), sort: sort.to_owned(), page: page.to_string() }
    }

    #[rstest::rstest]
    fn every_page_together_shows_each_repository_once(
        #[values("", "path", "-path", "commits", "-commits", "activity", "state", "-state", "nonsense")] sort: &str,
    ) {
        let rows: Vec<_> = (1..=5_000).map(row).collect();
        let mut seen = Vec::new();

        for page in 1..=50 {
            seen.extend(Listing::of(rows.clone(), &asked("", "", sort, page)).ids);
        }

        seen.sort_unstable();
        assert_eq!(seen, (1..=5_000).collect::<Vec<i64>>());
    }

    #[test]
    fn what_is_searched_and_filtered_stays_when_it_is_sorted_and_paged() {
        let rows: Vec<_> = (1..=5_000).map(row).collect();

        let listing = Listing::of(rows, &asked("linked", " TEAM/ ", "path", 2));

        assert_eq!((listing.all, listing.matching), (5_000, 3_334));
        assert_eq!(listing.columns.path.query, "?show=linked&q=TEAM%2F&sort=-path");
        assert_eq!(listing.columns.path.sorted, Some("ascending"));
        assert_eq!(listing.columns.activity.query, "?show=linked&q=TEAM%2F");
        let pages = listing.pages.unwrap();
        assert_eq!(pages.words, "101–200 of 3,334");
        assert_eq!(pages.before.unwrap(), "?show=linked&q=TEAM%2F&sort=path");
        assert_eq!(pages.behind.unwrap(), "?show=linked&q=TEAM%2F&sort=path&page=3");
        let counts: Vec<_> = listing.filters.iter().map(|filter| (filter.word, filter.count)).collect();
        assert_eq!(counts[..3], [("all", 5_000), ("linked", 3_334), ("not linked", 1_666)]);
    }

    #[test]
    fn a_page_that_is_none_is_the_nearest() {
        let rows: Vec<_> = (1..=150).map(row).collect();
        let shown = |page: &str| {
            let asked = Asked { page: page.to_owned(), ..Asked::default() };
            Listing::of(rows.clone(), &asked).ids.len()
        };

        assert_eq!((shown("0"), shown("2"), shown("99"), shown("x")), (100, 50, 50, 100));
        assert!(Listing::of(Vec::new(), &Asked::default()).ids.is_empty());
    }
}
