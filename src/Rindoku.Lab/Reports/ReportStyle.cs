namespace Rindoku.Lab.Reports;

/// <summary>How reports look: light or dark as the reader's system is, and plain in print.</summary>
public static class ReportStyle
{
    /// <summary>The rules for what <see cref="FigureSvg"/> draws; a page that shows figures needs them and the colours of <see cref="ColourCss"/>.</summary>
    public static string FigureCss => """
        svg.figure { display: block; width: 100%; height: auto; max-width: 720px; margin: 0 auto; overflow: visible; }
        svg.figure text { font: 12px system-ui, sans-serif; fill: var(--ink-2); font-variant-numeric: tabular-nums; }
        svg.figure text.label { fill: var(--ink); font-weight: 500; }
        svg.figure text.middle { text-anchor: middle; }
        svg.figure text.end { text-anchor: end; }
        svg.figure text.inverse { fill: var(--paper); }
        svg.figure text.faint { fill: var(--ink-3); }
        svg.figure .grid { stroke: var(--rule); stroke-width: 1; }
        svg.figure .axis { stroke: var(--ink-3); stroke-width: 1; }
        svg.figure .line { fill: none; stroke: var(--c); stroke-width: 2.2; stroke-linejoin: round; stroke-linecap: round; }
        svg.figure .band { fill: var(--c); fill-opacity: .14; stroke: none; }
        svg.figure .dot { fill: var(--paper); stroke: var(--c); stroke-width: 1.8; }
        svg.figure .point { fill: var(--c); fill-opacity: .6; }
        svg.figure .bar { fill: var(--c); fill-opacity: .82; }
        svg.figure .whisker { stroke: var(--ink); stroke-width: 1.6; }
        svg.figure .seed { fill: var(--paper); stroke: var(--ink); stroke-width: 1.3; }
        svg.figure .reference { stroke: var(--bad); stroke-width: 1.6; stroke-dasharray: 6 4; }
        svg.figure .side { fill: var(--good); fill-opacity: .12; }
        svg.figure .estimate { stroke: var(--c0); stroke-width: 5; stroke-linecap: round; }
        svg.figure .mean { fill: var(--paper); stroke: var(--c0); stroke-width: 3; }
        svg.figure .cell { fill: var(--c0); }
        svg.figure .pixels { image-rendering: pixelated; }
        .c0 { --c: var(--c0); } .c1 { --c: var(--c1); } .c2 { --c: var(--c2); } .c3 { --c: var(--c3); } .c4 { --c: var(--c4); } .c5 { --c: var(--c5); }
        .d1 { stroke-dasharray: 7 4; } .d2 { stroke-dasharray: 2 4; } .d3 { stroke-dasharray: 9 4 2 4; } .d4 { stroke-dasharray: 12 5; } .d5 { stroke-dasharray: 4 3; }
        """;

    /// <summary>The colours, for light and dark. Series are told apart by dashes as well, and hold up for the colour-blind.</summary>
    public static string ColourCss => """
        :root { color-scheme: light dark; --paper: #ffffff; --paper-2: #f6f7f9; --ink: #1a1d24; --ink-2: #4c5361; --ink-3: #9aa1ae; --rule: #e4e7ec;
            --good: #13795b; --bad: #b4322c; --open: #8a6100; --link: #1d5fd1;
            --c0: #2463d6; --c1: #d9730d; --c2: #0f8f6b; --c3: #a43bb8; --c4: #c23b4b; --c5: #5b6474; }
        @media (prefers-color-scheme: dark) { :root { --paper: #14171d; --paper-2: #1c2028; --ink: #eceff4; --ink-2: #b3bac7; --ink-3: #6d7585; --rule: #2b313c;
            --good: #4cc79b; --bad: #f0827b; --open: #e0b354; --link: #82aefc;
            --c0: #7aa7ff; --c1: #f5a45a; --c2: #4cc79b; --c3: #d58ae6; --c4: #f0828f; --c5: #a3acbb; } }
        """;

    /// <summary>The rules of a report page.</summary>
    internal static string PageCss => """
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, "Hiragino Sans", "Noto Sans CJK JP", sans-serif; }
        main { max-width: 58rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
        header p, .meta { color: var(--ink-2); margin: .2rem 0; }
        h1 { font-size: 1.9rem; line-height: 1.2; letter-spacing: -.01em; margin: 0 0 .4rem; text-wrap: balance; }
        h2 { font-size: 1.25rem; margin: 2.6rem 0 .8rem; padding-top: 1.2rem; border-top: 1px solid var(--rule); }
        h3 { font-size: 1.02rem; margin: 0 0 .3rem; }
        a { color: var(--link); }
        figure { margin: 1.6rem 0; padding: 1.1rem 1.2rem 1rem; background: var(--paper-2); border: 1px solid var(--rule); border-radius: 10px; break-inside: avoid; }
        figure svg { margin-top: .6rem; } figure svg .dot, figure svg .seed, figure svg .mean { fill: var(--paper-2); }
        figcaption { color: var(--ink-2); font-size: .93rem; }
        details { margin-top: .7rem; font-size: .9rem; } summary { cursor: pointer; color: var(--ink-2); }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; margin: .5rem 0; font-variant-numeric: tabular-nums; }
        th, td { padding: .3rem .8rem .3rem 0; text-align: right; border-bottom: 1px solid var(--rule); white-space: nowrap; }
        th[scope=row], th[scope=col]:first-child { text-align: left; } th { font-weight: 600; } th[scope=row] { font-weight: 400; }
        table.wide { width: 100%; } td.text { text-align: left; white-space: normal; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.2rem; margin: 1rem 0; } dt { color: var(--ink-2); } dd { margin: 0; overflow-wrap: anywhere; }
        .tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .8rem; margin: 1.2rem 0; }
        .tile { background: var(--paper-2); border: 1px solid var(--rule); border-radius: 10px; padding: .8rem 1rem; }
        .tile b { display: block; font-size: 1.45rem; line-height: 1.2; font-weight: 600; font-variant-numeric: tabular-nums; } .tile span { color: var(--ink-2); font-size: .88rem; }
        .claim { margin: 1.2rem 0; padding: 1.1rem 1.2rem 1rem; background: var(--paper-2); border: 1px solid var(--rule); border-left: 5px solid var(--edge); border-radius: 10px; break-inside: avoid; }
        .claim p { margin: .3rem 0; } .claim .statement { font-size: 1.05rem; } .claim .method { color: var(--ink-2); font-size: .9rem; }
        .holds { --edge: var(--good); } .fails { --edge: var(--bad); } .not-shown { --edge: var(--open); }
        .verdict { display: inline-block; color: var(--edge); border: 1.5px solid currentColor; border-radius: 99px; padding: .05rem .7rem; font-size: .85rem; font-weight: 600; }
        .claim svg.figure { margin: .2rem 0 0; }
        .claim svg.figure .mean { fill: var(--paper-2); }
        @media (max-width: 40rem) { main { padding: 1.5rem .9rem 3rem; } figure, .claim { padding: .9rem .8rem; }
            figure svg.figure { min-width: 30rem; } figure svg.figure text { font-size: 15px; } .claim svg.figure text { font-size: 22px; }
            dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } td, th { padding-right: .6rem; } }
        footer { margin-top: 3rem; color: var(--ink-3); font-size: .85rem; }
        @media print { :root { color-scheme: light; --paper: #fff; --paper-2: #fff; --ink: #000; --ink-2: #333; --ink-3: #777; --rule: #ccc; } main { max-width: none; padding: 0; } details { display: none; } a { color: inherit; } }
        """;
}
