using System.Globalization;
using Rindoku.Data;
using Rindoku.IO;

namespace Rindoku.Lab;

/// <summary>The tables that experiments predict a number from.</summary>
public enum RegressionTable
{
    /// <summary>Friedman's problem with 10 inputs of which 5 matter and noise of deviation 1; made on the spot.</summary>
    Friedman,

    /// <summary>The 442 diabetes patients of Efron et al. 2004, 10 inputs; from the data folder.</summary>
    Diabetes,

    /// <summary>Compressive strength of 1,030 samples of concrete, 8 inputs; from the data folder.</summary>
    Concrete,

    /// <summary>Quality of 1,599 red wines, 11 inputs; from the data folder.</summary>
    RedWine,

    /// <summary>Year of 515,345 songs from 90 inputs (YearPredictionMSD); from the data folder, if it lies there.</summary>
    YearPredictionMsd,
}

/// <summary>Reads them.</summary>
public static class RegressionTables
{
    private const string Archive = "tabular/uci_regression_gal_splits.zip", Msd = "year-prediction-msd/YearPredictionMSD.txt";
    private const int MsdTraining = 463_715;
    private const double TrainingPart = 0.8;

    /// <summary>How many inputs a table has.</summary>
    public static int Features(RegressionTable table) => table switch
    {
        RegressionTable.Concrete => 8,
        RegressionTable.RedWine => 11,
        RegressionTable.YearPredictionMsd => 90,
        _ => 10,
    };

    /// <summary>A table, cut into a training and a test part.</summary>
    /// <param name="table">Which.</param>
    /// <param name="data">Where those lie that are not made on the spot.</param>
    /// <param name="rng">Draws the rows of each part (four fifths to learn from), or makes them; the songs have a fixed cut.</param>
    /// <param name="training">Training rows of Friedman's problem.</param>
    /// <param name="test">Test rows of Friedman's problem.</param>
    /// <exception cref="DataException">The table does not lie in the data folder.</exception>
    /// <exception cref="FileFormatException">The file is damaged.</exception>
    public static (RegressionSet Train, RegressionSet Test) Load(RegressionTable table, DataDirectory data, Rng rng, int training, int test)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(rng);
        switch (table)
        {
            case RegressionTable.Friedman:
                return (Friedman.Make(training, rng.Split("train")), Friedman.Make(test, rng.Split("test")));
            case RegressionTable.YearPredictionMsd:
                RegressionSet songs = ReadMsd(Path.Combine(data.Root, Msd));
                return (songs.Subset([.. Enumerable.Range(0, MsdTraining)]), songs.Subset([.. Enumerable.Range(MsdTraining, songs.Count - MsdTraining)]));
            default:
                return ReadArchive(data, table).Split(TrainingPart, rng.Split("rows"));
        }
    }

    private static RegressionSet ReadArchive(DataDirectory data, RegressionTable table)
    {
        string entry = table switch
        {
            RegressionTable.Concrete => "concrete/data.csv",
            RegressionTable.RedWine => "wine-quality-red/data.csv",
            _ => "arff/diabetes-sklearn.csv",
        };
        data.Require(DataCatalogue.Find("uci-regression"));
        string path = Path.Combine([data.Root, .. Archive.Split('/')]);
        Lab.Data.CsvTable csv = Lab.Data.CsvTable.Parse(ZipText.Read(path, entry), $"{path}: {entry}");
        return new RegressionSet(csv.Matrix([.. csv.ColumnNames.Where(name => name != "target")]), Tensor.Of(csv.Numbers("target")));
    }

    private static RegressionSet ReadMsd(string path)
    {
        if (!File.Exists(path))
            throw new DataException($"YearPredictionMSD: there is no {path}. Download YearPredictionMSD.txt.zip from the UCI repository, unpack it there, and give the folder with --data.");
        IReadOnlyList<string> lines = TextFile.ReadLines(path);
        int features = Features(RegressionTable.YearPredictionMsd);
        float[] inputs = new float[lines.Count * features], targets = new float[lines.Count];
        for (int row = 0; row < lines.Count; row++)
        {
            string[] fields = lines[row].Split(',');
            if (fields.Length != features + 1) throw new FileFormatException($"{path}, line {row + 1}: found {fields.Length} numbers; needed {features + 1}: the year and {features} inputs");
            for (int f = 0; f < fields.Length; f++)
            {
                if (!float.TryParse(fields[f], NumberStyles.Float, CultureInfo.InvariantCulture, out float value))
                    throw new FileFormatException($"{path}, line {row + 1}: found '{fields[f]}'; needed a number");
                if (f == 0) targets[row] = value;
                else inputs[row * features + f - 1] = value;
            }
        }
        if (lines.Count <= MsdTraining) throw new FileFormatException($"{path}: found {lines.Count} lines; needed 515,345, of which the first {MsdTraining} are for training");
        return new RegressionSet(Tensor.Own(inputs, [lines.Count, features]), Tensor.Own(targets, [lines.Count]));
    }
}
