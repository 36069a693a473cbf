"""Is a share of seeds still the share that was declared? Fisher's exact test, in whole numbers.

If nothing changed, the seeds that set a number and the seeds that are judged are exchangeable: given how many of all of
them show a behaviour, how many of the judged ones do is hypergeometric, whatever the true share is. The false-alarm rate
is therefore at most `alpha` exactly, with no model of the seeds. (Fisher 1934; the two-sided sum is that of
`scipy.stats.fisher_exact`, against which a test holds this.)
"""

from math import factorial


def choose(n, k):
    """Return the binomial coefficient (math.comb needs Python 3.8)."""
    return factorial(n) // (factorial(k) * factorial(n - k)) if 0 <= k <= n else 0


def p_value(shown, of, declared_shown, declared_of):
    """Return the two-sided probability of a count at least as odd as `shown` of `of`, given the declared count."""
    total = shown + declared_shown
    ways = [choose(of, count) * choose(declared_of, total - count) for count in range(min(of, total) + 1)]
    return sum(way for way in ways if way <= ways[shown]) / choose(of + declared_of, total)


def bounds(of, declared_shown, declared_of, alpha):
    """Return the least and the greatest count of `of` seeds that `alpha` does not call changed."""
    kept = [count for count in range(of + 1) if p_value(count, of, declared_shown, declared_of) >= alpha]
    return kept[0], kept[-1]
