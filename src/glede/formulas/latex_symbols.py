"""What the commands and characters of mathematics are: operators, relations, functions, letters, layout."""

from __future__ import annotations

from collections.abc import Mapping


def _pairs(text: str) -> dict[str, str]:
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


GREEK = _words(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron rho sigma tau "
    "upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega ell"
)
"""Letters that stand for variables; pi is a constant."""
CONSTANTS = _words(
    "pi infty hbar emptyset aleph dots partial nabla top perp Re Im circ dagger star prime backslash"
)
"""What keeps its name when variables are renamed."""
ALIASES: Mapping[str, str] = _pairs(
    "leq le leqslant le leqq le geq ge geqslant ge geqq ge neq ne lt < gt > to rightarrow iff "
    "Leftrightarrow implies Rightarrow impliedby Leftarrow longrightarrow rightarrow longleftarrow "
    "leftarrow Longrightarrow Rightarrow Longleftrightarrow Leftrightarrow longmapsto mapsto land wedge "
    "lor vee lnot neg ni owns cdotp cdot ast * times cdot * cdot varepsilon epsilon vartheta theta "
    "varphi phi varpi pi varrho rho varsigma sigma ldots dots cdots dots dotsc dots dotsb dots dotsm "
    "dots dotsi dots ddots dots vdots dots dotso dots hdots dots iint int iiint int iiiint int idotsint "
    "int smallint int oiint oint tfrac frac dfrac frac cfrac frac nicefrac frac sfrac frac tbinom binom "
    "dbinom binom widehat hat widetilde tilde bar overline vert | mid | colon : arctg arctan tg tan ctg "
    "cot cosec csc sh sinh ch cosh th tanh varnothing emptyset hslash hbar complement overline "
    "smallsetminus setminus dag dagger triangleq equiv coloneqq equiv lbrace { rbrace } lbrack [ rbrack "
    "] lparen ( rparen ) bold mathbf boldsymbol mathbf pmb mathbf bm mathbf operatornamewithlimits "
    "operatorname mbox text textrm text textit text textbf text hbox text textnormal text textup text "
    "mathop operatorname mathds mathbb Bbb mathbb mathscr mathcal EuScript mathcal bold mathbf dif "
    "differentialD"
)
"""Commands, without the backslash, that mean the same as another."""
UNICODE: Mapping[str, str] = _pairs(
    "≤ le ≥ ge ≦ le ≧ ge ⩽ le ⩾ ge ≠ ne ≈ approx ≡ equiv ∼ sim ≃ simeq ≅ cong ∝ propto ≪ ll ≫ gg ∈ in ∉ "
    "notin ∋ owns ⊂ subset ⊃ supset ⊆ subseteq ⊇ supseteq ∪ cup ∩ cap ∖ setminus ∧ wedge ∨ vee ¬ neg ∀ "
    "forall ∃ exists → rightarrow ← leftarrow ↔ leftrightarrow ⇒ Rightarrow ⇐ Leftarrow ⇔ "
    "Leftrightarrow ↦ mapsto ⟶ rightarrow ⟹ Rightarrow ⟺ Leftrightarrow … dots ⋯ dots ⋮ dots ∞ infty ± "
    "pm ∓ mp × cdot ÷ div ⋅ cdot · cdot ∙ cdot • cdot ∘ circ ∗ cdot ⋆ star ∂ partial ∇ nabla ∑ sum ∏ "
    "prod ∐ coprod ∫ int ∬ int ∭ int ∮ oint ⋃ bigcup ⋂ bigcap √ sqrt ∛ cbrt ⊕ oplus ⊗ otimes ⊥ perp ∥ "
    "parallel ∣ | ∅ emptyset ℏ hbar ℓ ell ⟨ langle ⟩ rangle 〈 langle 〉 rangle ⌈ lceil ⌉ rceil ⌊ lfloor "
    "⌋ rfloor ‖ Vert † dagger ≔ equiv ≜ equiv α alpha β beta γ gamma δ delta ε epsilon ζ zeta η eta θ "
    "theta ι iota κ kappa λ lambda μ mu ν nu ξ xi π pi ρ rho σ sigma ς sigma τ tau υ upsilon φ phi χ "
    "chi ψ psi ω omega Γ Gamma Δ Delta Θ Theta Λ Lambda Ξ Xi Π Pi Σ Sigma Υ Upsilon Φ Phi Ψ Psi Ω Omega "
    "ϵ epsilon ϑ theta ϕ phi ϱ rho µ mu"
)
"""Characters and the commands, without the backslash, that mean the same."""
SETS: Mapping[str, str] = _pairs("ℝ R ℕ N ℤ Z ℂ C ℚ Q ℙ P ℍ H")
"""Characters of number sets, and their letters."""
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵃᵇᶜᵈᵉᵏᵐᵖᵗˣʸ", "0123456789+-=()niabcdekmptxy")
SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₒₓₕₖₗₘₙₚₛₜᵢⱼᵣᵤᵥ", "0123456789+-=()aeoxhklmnpstijruv")
APPLIED = _words("f g h F G H P E Gamma zeta phi psi Phi Psi Pr")
"""Letters that are functions where parentheses follow."""
RELATIONS = _words(
    "= < > le ge ne approx equiv sim simeq cong propto ll gg in notin owns subset supset subseteq "
    "supseteq rightarrow leftarrow leftrightarrow mapsto parallel prec succ preceq succeq vdash models "
    "doteq asymp"
)
REVERSED: Mapping[str, str] = _pairs(
    "> < ge le gg ll owns in supset subset supseteq subseteq succ prec succeq preceq leftarrow rightarrow"
)
"""Relations that are another one read from the right."""
IMPLICATIONS = _words("Rightarrow Leftarrow Leftrightarrow : therefore because")
SUMS = _words("+ - pm mp cup vee oplus setminus uplus sqcup")
PRODUCTS = _words("cdot / div cap wedge otimes sqcap bmod mod circ bullet star")
COMMUTATIVE = _words("+ * cup cap vee wedge oplus = ne approx equiv sim cong")
"""Operators whose operands may be exchanged."""
FUNCTIONS = _words(
    "sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh coth log ln lg exp det dim ker arg deg "
    "gcd hom Pr Var Cov erf sgn sign tr Tr rank diag grad div curl rot lcm card supp span softmax "
    "sigmoid ReLU KL Corr Std Res ord"
)
LIMITED = _words(
    "sum prod coprod int oint bigcup bigcap bigvee bigwedge bigoplus bigotimes lim limsup liminf max "
    "min sup inf argmax argmin"
)
"""Operators with limits, that hold for the product after them."""
WORDS = FUNCTIONS | LIMITED | {"mod"}
"""Names that are one symbol even where they are written without a backslash."""
ACCENTS = _words(
    "hat overline tilde vec dot ddot dddot acute grave breve check mathring underline overrightarrow "
    "overleftarrow"
)
FONTS = _words("mathbf mathit mathsf mathtt mathnormal mathfrak mathcal mathbb mathrm text operatorname")
SWITCHES = _words(
    "rm bf it cal sf tt sl em displaystyle textstyle scriptstyle scriptscriptstyle limits nolimits "
    "nonumber notag boldmath hfill hfil noindent centering protect relax allowbreak left right middle "
    "big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr bigm Bigm , ; : ! > / - quad qquad "
    "thinspace enspace medspace thickspace negthinspace hline crcr mathstrut strut null"
)
"""Commands that change how a formula looks and not what it says."""
OPENERS: Mapping[str, str] = {
    "(": ")", "[": "]", "\\{": "\\}", "\\langle": "\\rangle", "\\lfloor": "\\rfloor", "\\lceil": "\\rceil",
    "\\lvert": "\\rvert", "\\lVert": "\\rVert",
}  # fmt: skip
"""Delimiters and what closes them."""
CLOSERS = frozenset((*OPENERS.values(), ")", "]"))
